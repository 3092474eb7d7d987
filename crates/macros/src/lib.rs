//! Macros of Atlas. Users get them from the facade, `atlas::Component` and `atlas::Params`, and from the test kit,
//! `#[atlas_test::test]`.

use proc_macro::TokenStream;

mod component;
mod params;
mod test;

/// Marks a type as a component: a shared part of an app, cheap to clone.
///
/// It expands to `impl ::atlas::Component for X {}`; the type must be `Clone + Send + Sync + 'static`.
#[proc_macro_derive(Component)]
pub fn derive_component(input: TokenStream) -> TokenStream {
    component::expand(input.into()).into()
}

/// Makes a struct of arguments an argument: for a constructor that asks for many things, or for several constructors
/// that ask for the same.
///
/// Each field is an argument of its own: a component `T`, `Option<T>`, `Vec<T>`, `Lifecycle`, `Shutdown`, `Phases`, or
/// another such struct. It expands to an implementation of `::atlas::core::Param`.
#[proc_macro_derive(Params)]
pub fn derive_params(input: TokenStream) -> TokenStream {
    params::expand(input.into()).into()
}

/// Makes a test of an app: `#[atlas_test::test(shop::app())] async fn it_sells(shop: &TestApp) { … }`.
///
/// The expression gives an `App`, or a `Builder` with parts swapped. The app is started on a port and with a database of
/// its own, and stopped behind the test; a hook that fails then, or a task that still runs, fails the test.
#[proc_macro_attribute]
pub fn test(app: TokenStream, item: TokenStream) -> TokenStream {
    test::expand(app.into(), item.into()).into()
}
