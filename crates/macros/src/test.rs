//! `#[test]` of the test kit.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Expr, ItemFn, parse2};

pub(crate) fn expand(app: TokenStream, item: TokenStream) -> TokenStream {
    read(app, item).unwrap_or_else(|error| error.to_compile_error())
}

fn read(app: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let test: ItemFn = parse2(item)?;
    let name = &test.sig.ident;
    if test.sig.asyncness.is_none() || test.sig.inputs.len() != 1 {
        let words = "a test of an app is an `async fn` with one argument, the app: `async fn it_works(app: &TestApp)`";
        return Err(Error::new_spanned(&test.sig, words));
    }
    if app.is_empty() {
        let words = "name the app: `#[atlas_test::test(my_service::app())]`";
        return Err(Error::new_spanned(name, words));
    }
    let app: Expr = parse2(app)?;
    let attributes = &test.attrs;
    let (signature, body) = (&test.sig, &test.block);
    Ok(quote! {
        #[::core::prelude::v1::test]
        #(#attributes)*
        fn #name() {
            #signature #body
            ::atlas_test::run(#app, async |app| #name(app).await);
        }
    })
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::expand;

    #[test]
    fn the_function_becomes_a_test_that_starts_and_stops_the_app() {
        let item = quote! {
            #[should_panic]
            async fn it_works(shop: &TestApp) { shop.get("/").await.ok(); }
        };
        let expected = quote! {
            #[::core::prelude::v1::test]
            #[should_panic]
            fn it_works() {
                async fn it_works(shop: &TestApp) { shop.get("/").await.ok(); }
                ::atlas_test::run(shop::app(), async |app| it_works(app).await);
            }
        };
        let expanded = expand(quote! { shop::app() }, item);
        assert_eq!(expanded.to_string(), expected.to_string());
    }

    #[test]
    fn what_is_no_test_of_an_app_is_said_to_be_none() {
        let app = || quote! { app() };
        for (app, item) in [
            (app(), quote! { fn it_works(app: &TestApp) {} }),
            (app(), quote! { async fn it_works() {} }),
            (quote! {}, quote! { async fn it_works(app: &TestApp) {} }),
        ] {
            let text = expand(app, item).to_string();
            assert!(text.contains("compile_error"), "{text}");
        }
    }
}
