//! Two values of one type, told apart by a tag.

use std::{fmt, marker::PhantomData, ops::Deref};

use super::Component;

/// A `T` under the name `Tag`, so that an app can have more than one `T`.
///
/// The tag is any type, usually an empty struct of yours; no strings that could be misspelt.
///
/// ```
/// # use atlas_core::{App, Component, Module, Named};
/// #[derive(Clone)]
/// struct Db(&'static str);
/// impl Component for Db {}
/// struct Replica;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let app = App::new("shop").module(
///     Module::new("db").supply(Db("primary")).provide(|| Named::<Replica, Db>::new(Db("replica"))),
/// );
/// let (write, read): (Db, Named<Replica, Db>) = app.resolve().await.expect("both are provided");
/// assert_eq!((write.0, read.0), ("primary", "replica"));
/// # }
/// ```
pub struct Named<Tag, T> {
    value: T,
    tag: PhantomData<fn() -> Tag>,
}

impl<Tag, T> Named<Tag, T> {
    /// Names `value`.
    pub fn new(value: T) -> Self {
        Self {
            value,
            tag: PhantomData,
        }
    }

    /// The value without its name.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<Tag: 'static, T: Component> Component for Named<Tag, T> {}

impl<Tag, T: Clone> Clone for Named<Tag, T> {
    fn clone(&self) -> Self {
        Self::new(self.value.clone())
    }
}

impl<Tag, T> Deref for Named<Tag, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<Tag, T: fmt::Debug> fmt::Debug for Named<Tag, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
