//! A registered function, erased: everything behind this door is not generic.

use std::{panic::Location, sync::Arc};

use super::{Inputs, Key, Need, Settled, names::short_function};

/// Builds one node from what its needs gave.
pub(crate) type Build = Box<dyn FnOnce(&Inputs<'_>) -> Settled + Send>;

/// What a registered function is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Provide,
    Supply,
    Contribute,
    Decorate,
    Replace,
    Invoke,
    Process(&'static str),
    Expose,
}

/// A registered function and what is known of it before it runs.
pub(crate) struct Node {
    pub(crate) role: Role,
    /// The module's name, with the names of those around it: `http/ops`.
    pub(crate) module: Arc<str>,
    /// 0 for the app's modules, then one more for each set of overrides.
    pub(crate) layer: u32,
    pub(crate) function: &'static str,
    pub(crate) at: &'static Location<'static>,
    pub(crate) gives: Option<Key>,
    pub(crate) needs: Vec<Need>,
    pub(crate) build: Option<Build>,
}

impl Node {
    /// The function as a reader knows it: `db::connect`, or where the closure stands.
    pub(crate) fn label(&self) -> String {
        match self.role {
            Role::Supply => format!("value supplied at {}:{}", self.at.file(), self.at.line()),
            Role::Expose => format!("call at {}:{}", self.at.file(), self.at.line()),
            _ if self.function.ends_with("{{closure}}") => {
                format!("closure at {}:{}", self.at.file(), self.at.line())
            }
            _ => short_function(self.function),
        }
    }

    /// The function and where it was registered, said once.
    pub(crate) fn whereabouts(&self) -> String {
        let label = self.label();
        if label.contains(" at ") {
            label
        } else {
            format!("{}:{} ({label})", self.at.file(), self.at.line())
        }
    }
}
