//! Which server the tests of a checkout share: the first of several that answers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::absent::Absent;
use crate::address::Address;
use crate::kind::Kind;
use crate::{container, engine, join};

/// The server of a kind that all tests of this checkout share; the first process that asks starts it.
///
/// # Errors
/// [`Absent`] when this machine has none; it [is wrong](Absent::is_wrong) when there should be one and it does not work.
pub fn shared(kind: Kind) -> Result<Address, Absent> {
    static FOUND: Mutex<BTreeMap<Kind, Result<Address, Absent>>> = Mutex::new(BTreeMap::new());
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    found.entry(kind).or_insert_with(|| climb(kind)).clone()
}

fn climb(kind: Kind) -> Result<Address, Absent> {
    let variable = kind.variable("URL");
    if let Ok(url) = std::env::var(&variable)
        && !url.is_empty()
    {
        let address =
            Address::parse(kind, &url).and_then(|address| address.listens().map(|()| address));
        return address.map_err(|why| Absent::wrong(kind, format!("`{variable}`: {why}")));
    }
    let mut why = vec![format!("`{variable}` is not set")];
    match engine::find(kind) {
        Ok(installed) => {
            return join::server(&installed).map_err(|why| Absent::wrong(kind, why));
        }
        Err(reason) => why.push(reason),
    }
    match container::engine() {
        Ok(()) => {
            return join::container(kind).map_err(|why| Absent::wrong(kind, why));
        }
        Err(reason) => why.push(reason),
    }
    Err(Absent::none(kind, why))
}
