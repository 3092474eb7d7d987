//! PostgreSQL: a server whose pool lends its connections to readers and writers alike.

mod connect;
mod listen;
mod replication;
mod target;
mod transaction;
mod typed;

use self::target::Target;
pub(crate) use self::{connect::Connector, listen::listen};
use crate::{
    driver::{Bounds, Server},
    symptom::Symptom,
};

/// The pools for a URL; nothing is opened yet.
///
/// # Errors
///
/// What is wrong with the URL, in words that do not repeat it.
pub(crate) fn open(url: &str, bounds: &Bounds) -> Result<Server<Connector>, String> {
    let (connector, place) = connector(url, bounds)?;
    Ok(Server::new(connector, place, bounds.limits))
}

/// What opens connections to the server of a URL, and its place, for words.
///
/// # Errors
///
/// What is wrong with the URL, in words that do not repeat it.
pub(crate) fn connector(url: &str, bounds: &Bounds) -> Result<(Connector, String), String> {
    let target = Target::parse(url)?;
    let connector = Connector::new(&target, bounds);
    Ok((connector, target.place()))
}

/// Reads an SQLSTATE (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
pub(crate) fn symptom(code: &str) -> Symptom {
    match code {
        "23505" => Symptom::Duplicate,
        "23503" | "23001" => Symptom::Reference,
        // too long for its column, or out of the range of its type
        "22001" | "22003" => Symptom::TooLong,
        // a character or a date that its types do not have
        "22021" | "22P05" | "22007" | "22008" => Symptom::Unstorable,
        "40001" | "40P01" => Symptom::Conflict,
        "55P03" => Symptom::Locked,
        "57014" => Symptom::Overdue,
        "25006" => Symptom::ReadOnly,
        "53100" => Symptom::Full,
        "53300" | "57P03" => Symptom::Busy,
        "28000" | "28P01" => Symptom::Denied,
        "3D000" => Symptom::NoDatabase,
        "42P04" => Symptom::Exists,
        "55006" => Symptom::InUse,
        "0A000" => Symptom::Unsupported,
        // ended by an administrator, a crash, or for having been idle; or the way to the server broke
        "57P01" | "57P02" | "57P05" | "25P03" | "25P04" => Symptom::Gone,
        _ => match code.get(..2) {
            Some("08") => Symptom::Gone,
            Some("XX") => Symptom::Damaged,
            _ => Symptom::Other,
        },
    }
}
