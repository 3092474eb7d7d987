//! One name instead of another, in every spelling.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};

use crate::ops::names::Words;

/// Puts a name in the place of another: whole words only, in the spelling each place needs.
///
/// In Rust code a name is an identifier (`tea_pot`, `TeaPot`, `TEA_POT`), in text and comments it is prose (`tea pot`),
/// behind a `/` a part of a path (`tea-pot`).
///
/// ```
/// use atlas_cli::ops::template::Rename;
///
/// let rename = Rename::new("product", "order_item");
/// assert_eq!(rename.text("A product: no production."), "An order item: no production.");
/// assert_eq!(rename.rust("// a product\nproduct::at(\"/product\")"), "// an order item\norder_item::at(\"/order-item\")");
/// ```
#[derive(Clone, Debug)]
pub struct Rename {
    spellings: Vec<Spelling>,
}

#[derive(Clone, Debug)]
struct Spelling {
    from: String,
    code: String,
    prose: String,
    /// Alone between quotes.
    quoted: String,
    /// Behind a slash.
    kebab: String,
}

impl Rename {
    /// From one name to another.
    #[must_use]
    pub fn new(from: &str, to: &str) -> Self {
        let (from, to) = (Words::of(from), Words::of(to));
        let spelling = |from: String, code: String, prose: String| Spelling {
            from,
            quoted: code.clone(),
            code,
            prose,
            kebab: to.kebab(),
        };
        let mut spellings = vec![
            spelling(from.snake(), to.snake(), to.spoken()),
            spelling(from.camel(), to.camel(), to.sentence()),
            spelling(from.screaming(), to.screaming(), to.screaming()),
        ];
        spellings.sort_by_key(|it| std::cmp::Reverse(it.from.len()));
        Self { spellings }
    }

    /// Does another renaming in the same pass, so that neither sees what the other wrote.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.spellings.extend(other.spellings);
        self.spellings
            .sort_by_key(|it| std::cmp::Reverse(it.from.len()));
        self
    }

    /// The name is a proper one: text and literals spell it like this too, not as words.
    #[must_use]
    pub fn proper(mut self, name: &str) -> Self {
        for spelling in &mut self.spellings {
            if spelling.from.chars().all(char::is_lowercase) {
                name.clone_into(&mut spelling.prose);
                name.clone_into(&mut spelling.quoted);
            }
            name.clone_into(&mut spelling.kebab);
        }
        self
    }

    /// Text and comments speak of it in these words.
    #[must_use]
    pub fn spoken(mut self, words: &Words) -> Self {
        for spelling in &mut self.spellings {
            if spelling.from.chars().all(char::is_lowercase) {
                spelling.prose = words.spoken();
            } else if spelling.from.chars().any(char::is_lowercase) {
                spelling.prose = words.sentence();
            }
            spelling.kebab = words.kebab();
        }
        self
    }

    /// Renames in text that is not Rust.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.replace(text, &BTreeSet::new())
    }

    /// Renames in Rust: identifiers in code, prose in comments and literals.
    #[must_use]
    pub fn rust(&self, text: &str) -> String {
        let mut code = BTreeSet::new();
        if let Ok(tokens) = text.parse::<TokenStream>() {
            identifiers(tokens, text, &mut code);
        }
        self.replace(text, &code)
    }

    fn replace(&self, text: &str, code: &BTreeSet<usize>) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(first) = text[at..].chars().next() {
            let found = self.spellings.iter().find(|it| {
                text[at..].starts_with(&it.from) && is_word(text, at, at + it.from.len())
            });
            let Some(spelling) = found else {
                out.push(first);
                at += first.len_utf8();
                continue;
            };
            let end = at + spelling.from.len();
            let (before, after) = (&text[..at], &text[end..]);
            if code.contains(&at) || is_code(before, after, spelling) {
                article(&mut out, &spelling.code, "_");
                out.push_str(&spelling.code);
            } else if before.ends_with('"') && after.starts_with('"') {
                out.push_str(&spelling.quoted);
            } else if before.ends_with('/') && !before.ends_with("//") {
                out.push_str(&spelling.kebab);
            } else {
                article(&mut out, &spelling.prose, " ");
                out.push_str(&spelling.prose);
            }
            at = end;
        }
        out
    }
}

/// The bytes of all identifiers.
fn identifiers(tokens: TokenStream, text: &str, code: &mut BTreeSet<usize>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => identifiers(group.stream(), text, code),
            TokenTree::Ident(ident) => {
                let range = ident.span().byte_range();
                // the `doc` of a comment stands for the whole comment
                if ident == text[range.clone()] {
                    code.extend(range);
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// Whether a name in text or a comment is one of code: a part of a path or of a longer name, a type in brackets or
/// backticks, the target of a log level (`shop=debug`).
fn is_code(before: &str, after: &str, spelling: &Spelling) -> bool {
    let either = |what: &str| before.ends_with(what) || after.starts_with(what);
    let is_camel = spelling.from.starts_with(char::is_uppercase);
    let in_name =
        before.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric);
    either("::")
        || either("_")
        || after.starts_with('=')
        || is_camel
            && (in_name
                || either("`")
                || before.ends_with("dyn ")
                || before.ends_with('<')
                || after.starts_with('>'))
}

/// After `a product` comes `an order`, after `a_product` `an_order`.
fn article(out: &mut String, word: &str, gap: &str) {
    let vowel = word.starts_with(['a', 'e', 'i', 'o', 'u'])
        && !["use", "uni", "eu", "one"]
            .iter()
            .any(|it| word.starts_with(it));
    let is_article = |text: &str| {
        let text = text.strip_suffix(['a', 'A']);
        text.is_some_and(|before| before.is_empty() || before.ends_with([' ', '\n', '_']))
    };
    if vowel && out.strip_suffix(gap).is_some_and(is_article) {
        out.truncate(out.len() - gap.len());
        out.push('n');
        out.push_str(gap);
    }
}

/// Whether no letter or digit touches the range; `_` parts words.
fn is_word(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    let touches = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let is_camel = text[start..].starts_with(char::is_uppercase)
        && text[start..end].chars().any(char::is_lowercase);
    // `ShopClient` is `Shop` and `Client`, `CreateShop` is `Create` and `Shop`
    let goes_on = is_camel && after.is_some_and(char::is_uppercase);
    let continues = is_camel && before.is_some_and(char::is_lowercase);
    (!touches(before) || continues) && (!touches(after) || goes_on)
}

#[cfg(test)]
mod tests {
    use super::Rename;

    #[test]
    fn every_spelling_is_renamed_in_code() {
        let rename = Rename::new("product", "order_item");
        let code = "use catalog::product::{Product, ProductId};\nfn find_product(product: &Product) -> CreateProduct { products() }\nconst PRODUCT: u8 = 1;\n";
        let renamed = "use catalog::order_item::{OrderItem, OrderItemId};\nfn find_order_item(order_item: &OrderItem) -> CreateOrderItem { products() }\nconst ORDER_ITEM: u8 = 1;\n";
        assert_eq!(rename.rust(code), renamed);
    }

    #[test]
    fn comments_and_literals_read_as_prose_paths_and_codes() {
        let rename = Rename::new("product", "order_item");
        assert_eq!(
            rename.rust("/// A product: see [`product::Product`]. Product by product.\nfn f() { (\"no product\", \"product\", \"/product/1\", \"product_lost\"); }"),
            "/// An order item: see [`order_item::OrderItem`]. Order item by order item.\nfn f() { (\"no order item\", \"order_item\", \"/order-item/1\", \"order_item_lost\"); }"
        );
    }

    #[test]
    fn the_article_fits_the_noun() {
        let rename = Rename::new("product", "order");
        assert_eq!(
            rename.text("A product, a product, of a_product_that"),
            "An order, an order, of an_order_that"
        );
        assert_eq!(
            rename.rust("fn a_product_is_read() {}"),
            "fn an_order_is_read() {}"
        );
        assert_eq!(Rename::new("product", "user").text("a product"), "a user");
    }

    #[test]
    fn types_in_comments_stay_types() {
        let rename = Rename::new("products", "tea_pots").and(Rename::new("product", "tea_pot"));
        assert_eq!(
            rename.rust(
                "// Arc<dyn Products> → ProductService of `Product`; Products are no Product\n"
            ),
            "// Arc<dyn TeaPots> → TeaPotService of `TeaPot`; Tea pots are no Tea pot\n"
        );
        assert_eq!(
            Rename::new("shop", "tea-house")
                .proper("tea-house")
                .text("shop=debug in shop"),
            "tea_house=debug in tea-house"
        );
    }

    #[test]
    fn a_proper_name_is_spelled_as_it_is() {
        let rename = Rename::new("shop", "tea-house").proper("tea-house");
        assert_eq!(
            rename.rust("// the shop\nfn f() { shop::app(); App::new(\"shop\"); }"),
            "// the tea-house\nfn f() { tea_house::app(); App::new(\"tea-house\"); }"
        );
    }

    #[test]
    fn a_name_for_itself_changes_nothing() {
        let text = "the Shop, SHOP, shop_ and ShopView, a shop, \"shop\", /shop";
        let rename = Rename::new("shop", "shop").proper("shop");
        assert_eq!(rename.text(text), text);
        assert_eq!(
            rename.rust("fn shop(shop: Shop) { \"shop\" } // a shop"),
            "fn shop(shop: Shop) { \"shop\" } // a shop"
        );
    }
}
