//! Every public item says what it is for.

use std::path::Path;

use anyhow::{Context, Result};
use syn::visit::Visit;
use syn::{Attribute, Visibility};

use super::{Finding, files};

/// Says every public item of the crates that has no doc.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in files::with_extension(&root.join("crates"), "rs")? {
        let place = files::relative(root, &path);
        if !place.contains("/src/")
            || place.contains("/tests/")
            || place.ends_with("/tests.rs")
            || place.contains("/src/bin/")
        {
            continue;
        }
        let text = files::read(&path)?;
        findings.extend(check_text(&place, &text)?);
    }
    Ok(findings)
}

fn check_text(place: &str, text: &str) -> Result<Vec<Finding>> {
    let file = syn::parse_file(text).with_context(|| format!("{place} does not parse"))?;
    let mut visitor = Undocumented {
        place,
        findings: Vec::new(),
    };
    visitor.visit_file(&file);
    Ok(visitor.findings)
}

struct Undocumented<'a> {
    place: &'a str,
    findings: Vec<Finding>,
}

impl Undocumented<'_> {
    fn item(&mut self, attributes: &[Attribute], visibility: &Visibility, name: &dyn NameAt) {
        if matches!(visibility, Visibility::Public(_)) {
            self.always(attributes, name);
        }
    }

    fn always(&mut self, attributes: &[Attribute], name: &dyn NameAt) {
        let documented = attributes
            .iter()
            .any(|it| it.path().is_ident("doc") || it.path().is_ident("doc_hidden"));
        if !documented {
            let (name, line) = name.name_at();
            self.findings.push(Finding::new(
                format!("{}:{line}", self.place),
                format!("`{name}` is public and has no doc"),
            ));
        }
    }
}

trait NameAt {
    fn name_at(&self) -> (String, usize);
}

impl NameAt for syn::Ident {
    fn name_at(&self) -> (String, usize) {
        (self.to_string(), self.span().start().line)
    }
}

impl<'ast> Visit<'ast> for Undocumented<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let is_test = item.attrs.iter().any(|it| {
            it.path().is_ident("cfg")
                && it
                    .meta
                    .require_list()
                    .is_ok_and(|list| list.tokens.to_string().contains("test"))
        });
        if is_test {
            return;
        }
        // The doc of a module in a file of its own is inside that file; rustc looks there.
        if item.content.is_some() {
            self.item(&item.attrs, &item.vis, &item.ident);
        }
        syn::visit::visit_item_mod(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.item(&item.attrs, &item.vis, &item.sig.ident);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.item(&item.attrs, &item.vis, &item.ident);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.item(&item.attrs, &item.vis, &item.ident);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.item(&item.attrs, &item.vis, &item.ident);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.item(&item.attrs, &item.vis, &item.ident);
        if matches!(item.vis, Visibility::Public(_)) {
            for field in &item.fields {
                if let Some(name) = &field.ident {
                    self.item(&field.attrs, &field.vis, name);
                }
            }
        }
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.item(&item.attrs, &item.vis, &item.ident);
        if matches!(item.vis, Visibility::Public(_)) {
            for variant in &item.variants {
                self.always(&variant.attrs, &variant.ident);
            }
        }
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.item(&item.attrs, &item.vis, &item.ident);
        if !matches!(item.vis, Visibility::Public(_)) {
            return;
        }
        for part in &item.items {
            match part {
                syn::TraitItem::Fn(method) => self.always(&method.attrs, &method.sig.ident),
                syn::TraitItem::Const(constant) => self.always(&constant.attrs, &constant.ident),
                syn::TraitItem::Type(ty) => self.always(&ty.attrs, &ty.ident),
                _ => {}
            }
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if item.trait_.is_some() {
            return;
        }
        for part in &item.items {
            match part {
                syn::ImplItem::Fn(method) => {
                    self.item(&method.attrs, &method.vis, &method.sig.ident);
                }
                syn::ImplItem::Const(constant) => {
                    self.item(&constant.attrs, &constant.vis, &constant.ident);
                }
                _ => {}
            }
        }
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        let exported = item
            .attrs
            .iter()
            .any(|it| it.path().is_ident("macro_export"));
        if let (true, Some(name)) = (exported, &item.ident) {
            self.always(&item.attrs, name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check_text;

    fn names(text: &str) -> Vec<String> {
        check_text("a.rs", text)
            .unwrap()
            .into_iter()
            .map(|finding| finding.text)
            .collect()
    }

    #[test]
    fn public_items_without_a_doc_are_findings() {
        let text =
            "pub fn bare() {}\n/// Says.\npub fn said() {}\npub(crate) fn inner() {}\nfn own() {}";
        assert_eq!(names(text), ["`bare` is public and has no doc"]);
    }

    #[test]
    fn fields_variants_and_methods_count() {
        let text = "/// A.\npub struct A { pub x: u8, y: u8 }\n/// B.\npub enum B { C }\n\
                    impl A { pub fn d(&self) {} fn e(&self) {} }\n/// F.\npub trait F { fn g(); }";
        assert_eq!(names(text).len(), 4);
    }

    #[test]
    fn tests_and_trait_impls_do_not_count() {
        let text = "#[cfg(test)]\nmod tests { pub fn x() {} }\nimpl Clone for A { fn clone(&self) -> A { A } }";
        assert!(names(text).is_empty());
    }
}
