//! The version that a change is based on.

use std::{
    str::FromStr,
    sync::atomic::{AtomicBool, Ordering},
};

use atlas_core::scope;
use axum::http::{HeaderMap, header};

use super::tags::Tags;
use crate::problem::{Fault, Place, Problem, Result};
use crate::routes::{Argument, Incoming, Operation};

/// Which version the client has seen (`If-Match`), if it says so. An argument of handlers that change or remove something.
///
/// What the database refuses as stale becomes 412 instead of 409 when the request has the header.
#[derive(Clone, Debug)]
pub struct IfMatch(Option<Tags>);

/// Which version the client has seen (`If-Match`); a request that does not say it is refused with 428.
#[derive(Clone, Debug)]
pub struct MustMatch(IfMatch);

impl IfMatch {
    /// Says whether the change depends on a version at all.
    pub fn is_present(&self) -> bool {
        self.0.is_some()
    }

    /// The version, for the statement that writes. `None` when the client has not said one, or `*`: whatever there is.
    ///
    /// # Errors
    ///
    /// 412 when the header names nothing that could be the present version, such as a weak tag; 400 when it names several,
    /// for which there is [`check`](Self::check).
    pub fn version<V: FromStr + ToString>(&self) -> Result<Option<V>> {
        let Some(Tags::List(list)) = &self.0 else {
            return Ok(None);
        };
        let mut versions = list
            .iter()
            .filter(|tag| !tag.weak)
            // `+3` and `03` are numbers, but no tags of ours
            .filter_map(|tag| {
                tag.opaque
                    .parse()
                    .ok()
                    .filter(|it: &V| it.to_string() == tag.opaque)
            });
        match (versions.next(), versions.next()) {
            (Some(version), None) => Ok(Some(version)),
            (None, _) => Err(Problem::precondition_failed().into()),
            (Some(_), Some(_)) => Err(malformed(
                "names several versions; name the one you have seen",
            )),
        }
    }

    /// Compares with the present version.
    ///
    /// # Errors
    ///
    /// 412 when the client has seen another one.
    pub fn check(&self, current: impl Into<i64>) -> Result<()> {
        let Some(Tags::List(list)) = &self.0 else {
            return Ok(());
        };
        let current = current.into().to_string();
        let seen = list.iter().any(|tag| !tag.weak && tag.opaque == current);
        if seen {
            Ok(())
        } else {
            Err(Problem::precondition_failed().into())
        }
    }

    fn read(headers: &HeaderMap) -> Result<Self> {
        let tags = Tags::read(headers, &header::IF_MATCH).map_err(malformed)?;
        if tags.is_some()
            && let Some(conditional) = scope::slot::<Conditional>()
        {
            conditional.0.store(true, Ordering::Relaxed);
        }
        Ok(Self(tags))
    }
}

impl MustMatch {
    /// The version, for the statement that writes. `None` when the client says `*`: whatever there is.
    ///
    /// # Errors
    ///
    /// Those of [`IfMatch::version`].
    pub fn version<V: FromStr + ToString>(&self) -> Result<Option<V>> {
        self.0.version()
    }

    /// Compares with the present version.
    ///
    /// # Errors
    ///
    /// 412 when the client has seen another one.
    pub fn check(&self, current: impl Into<i64>) -> Result<()> {
        self.0.check(current)
    }
}

/// Hangs on the request: it depends on a version.
#[derive(Default)]
struct Conditional(AtomicBool);

/// Says whether the running request depends on a version.
pub(crate) fn is_conditional() -> bool {
    scope::slot::<Conditional>().is_some_and(|it| it.0.load(Ordering::Relaxed))
}

fn malformed(words: &'static str) -> crate::Error {
    let fault = Fault::new(Place::Header("if-match".to_owned()), "invalid", words);
    Problem::bad_parameters("malformed", vec![fault]).into()
}

impl<S: Sync> Argument<S> for IfMatch {
    type Plan = ();

    fn plan(operation: &mut Operation) {
        operation.header::<String>("if-match", false);
        operation.problem(400);
        operation.problem(412);
    }

    async fn take((): &(), request: &mut Incoming<'_>, _: &S) -> Result<Self> {
        Self::read(&request.parts.headers)
    }
}

impl<S: Sync> Argument<S> for MustMatch {
    type Plan = ();

    fn plan(operation: &mut Operation) {
        operation.header::<String>("if-match", true);
        operation.problem(400);
        operation.problem(412);
        operation.problem(428);
    }

    async fn take((): &(), request: &mut Incoming<'_>, _: &S) -> Result<Self> {
        let seen = IfMatch::read(&request.parts.headers)?;
        if seen.is_present() {
            Ok(Self(seen))
        } else {
            Err(Problem::precondition_required().into())
        }
    }
}
