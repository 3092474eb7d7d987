//! `derive(Params)`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Data, DeriveInput, Error, Fields, parse2, spanned::Spanned};

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    parse2(input)
        .and_then(|input| params(&input))
        .unwrap_or_else(|error| error.to_compile_error())
}

fn params(input: &DeriveInput) -> Result<TokenStream, Error> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new(
            input.ident.span(),
            "`Params` is for structs: each field is an argument",
        ));
    };
    let Fields::Named(fields) = &data.fields else {
        let message =
            "`Params` needs named fields, such as `struct Needs { db: Db, cache: Option<Cache> }`";
        return Err(Error::new(input.ident.span(), message));
    };
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    // Spans of the fields' types, so that the compiler underlines the one that is no argument.
    let needs = fields.named.iter().map(|field| {
        let of = &field.ty;
        quote_spanned! { of.span() => <#of as ::atlas::core::Param>::needs(out); }
    });
    let takes = fields.named.iter().map(|field| {
        let (field, of) = (&field.ident, &field.ty);
        quote_spanned! { of.span() => #field: <#of as ::atlas::core::Param>::take(from), }
    });
    Ok(quote! {
        impl #generics ::atlas::core::Param for #name #arguments #bounds {
            fn needs(out: &mut ::std::vec::Vec<::atlas::core::Need>) { #(#needs)* }

            fn take(from: &::atlas::core::Inputs<'_>) -> Self { Self { #(#takes)* } }
        }
    })
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::expand;

    #[test]
    fn each_field_is_an_argument() {
        let input = quote! { struct Needs { db: Db, cache: Option<Cache> } };
        let expected = quote! {
            impl ::atlas::core::Param for Needs {
                fn needs(out: &mut ::std::vec::Vec<::atlas::core::Need>) {
                    <Db as ::atlas::core::Param>::needs(out);
                    <Option<Cache> as ::atlas::core::Param>::needs(out);
                }

                fn take(from: &::atlas::core::Inputs<'_>) -> Self {
                    Self {
                        db: <Db as ::atlas::core::Param>::take(from),
                        cache: <Option<Cache> as ::atlas::core::Param>::take(from),
                    }
                }
            }
        };
        assert_eq!(expand(input).to_string(), expected.to_string());
    }

    #[test]
    fn anything_but_a_struct_with_named_fields_is_refused_with_the_way_out() {
        for input in [
            quote! { enum E { A } },
            quote! { struct T(Db); },
            quote! { struct U; },
        ] {
            let expanded = expand(input).to_string();
            assert!(expanded.contains("compile_error"), "{expanded}");
            assert!(expanded.contains("Params"), "{expanded}");
        }
    }
}
