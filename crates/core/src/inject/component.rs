//! The marker of what may be shared.

use std::sync::Arc;

/// A shared part of an app: a cheap-to-clone handle.
///
/// `#[derive(Clone, Component)]` marks a type; `Arc<T>` is a component for every `Send + Sync` type, trait objects
/// included. The marker is explicit so that a `String` or a function pointer is never injected by accident.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a component",
    label = "not a component",
    note = "mark the type: `#[derive(Clone, Component)]`",
    note = "or share it: `Arc<{Self}>` is a component for every `Send + Sync` type, trait objects included",
    note = "arguments are owned: ask for `T`, never for `&T`"
)]
pub trait Component: Clone + Send + Sync + 'static {}

impl<T: ?Sized + Send + Sync + 'static> Component for Arc<T> {}
