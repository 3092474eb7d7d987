//! One name in all its spellings.

use std::fmt;

/// The lower-case words of an identifier: `order_items`, `order-items` and `OrderItems` are all `order`, `items`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Words(Vec<String>);

impl Words {
    /// Takes an identifier apart at `_`, `-`, spaces and where a capital follows a small letter or a digit.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let mut words = Vec::new();
        let mut word = String::new();
        let mut previous = ' ';
        for letter in name.chars() {
            let breaks = matches!(letter, '_' | '-' | ' ');
            if breaks || (letter.is_uppercase() && !previous.is_uppercase() && !word.is_empty()) {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            }
            if !breaks {
                word.extend(letter.to_lowercase());
            }
            previous = letter;
        }
        words.extend((!word.is_empty()).then_some(word));
        Self(words)
    }

    /// `order_items`: files, modules, tables, columns.
    #[must_use]
    pub fn snake(&self) -> String {
        self.0.join("_")
    }

    /// `order-items`: packages and paths of URLs.
    #[must_use]
    pub fn kebab(&self) -> String {
        self.0.join("-")
    }

    /// `OrderItems`: types.
    #[must_use]
    pub fn camel(&self) -> String {
        self.0.iter().map(|word| capital(word)).collect()
    }

    /// `ORDER_ITEMS`: constants and variables of the environment.
    #[must_use]
    pub fn screaming(&self) -> String {
        self.snake().to_uppercase()
    }

    /// `order items`: prose.
    #[must_use]
    pub fn spoken(&self) -> String {
        self.0.join(" ")
    }

    /// `Order items`: the beginning of a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        capital(&self.spoken())
    }

    /// The same name with its last word made singular.
    #[must_use]
    pub fn singular(&self) -> Self {
        let mut words = self.0.clone();
        if let Some(last) = words.last_mut() {
            *last = super::singular(last);
        }
        Self(words)
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.snake())
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn every_spelling_gives_the_same_words() {
        for name in [
            "order_items",
            "order-items",
            "OrderItems",
            "orderItems",
            "Order items",
        ] {
            let words = Words::of(name);
            assert_eq!(words.snake(), "order_items", "{name}");
            assert_eq!(words.kebab(), "order-items");
            assert_eq!(words.camel(), "OrderItems");
            assert_eq!(words.screaming(), "ORDER_ITEMS");
            assert_eq!(words.sentence(), "Order items");
        }
        assert_eq!(Words::of("HTTPLog").snake(), "httplog");
        assert_eq!(Words::of("line2Item").snake(), "line2_item");
    }

    #[test]
    fn only_the_last_word_becomes_singular() {
        assert_eq!(Words::of("sales_orders").singular().camel(), "SalesOrder");
    }
}
