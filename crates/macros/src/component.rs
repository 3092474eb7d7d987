//! `derive(Component)`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, parse2};

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote! {
        impl #generics ::atlas::Component for #name #arguments #bounds {}
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::expand;

    #[test]
    fn a_type_is_marked_with_its_generics_and_bounds() {
        let input = quote! { struct Cache<T: Clone, const N: usize>(T) where T: Send; };
        let expected = quote! {
            impl<T: Clone, const N: usize> ::atlas::Component for Cache<T, N> where T: Send {}
        };
        assert_eq!(expand(input).to_string(), expected.to_string());
    }
}
