//! What a module may be called, and what its parts are called then.

use super::{Words, reserved};
use crate::{Error, Result};

/// The name of a feature folder and of the entity in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleName {
    /// The feature, usually a plural: `orders`.
    pub module: Words,
    /// One of its things: `order`.
    pub entity: Words,
}

impl ModuleName {
    /// Checks the name of a module and finds that of its entity, unless `entity` says it.
    ///
    /// # Errors
    /// What is wrong with either name, and the way out.
    pub fn parse(name: &str, entity: Option<&str>) -> Result<Self> {
        let module = identifier(name, "a module", "NAME")?;
        if let Some(by) = reserved::of_module(&module.snake()) {
            return Err(Error::usage(format!(
                "`{name}` cannot be the name of a module: it is {by}"
            ))
            .place("NAME")
            .help("take a name of your business, for example `orders`"));
        }
        let entity = match entity {
            Some(entity) => identifier(entity, "an entity", "--entity")?,
            None => module.singular(),
        };
        if reserved::is_used(&module.snake(), &module.camel()) {
            return Err(Error::usage(format!(
                "`{name}` cannot be the name of a module: generated code uses that name itself"
            ))
            .place("NAME")
            .help("call the module otherwise"));
        }
        let why = if reserved::is_keyword(&entity.snake()) {
            "it is a keyword of Rust"
        } else if reserved::is_used(&entity.snake(), &entity.camel()) {
            "generated code uses that name itself"
        } else {
            return Ok(Self { module, entity });
        };
        let entity = entity.snake();
        Err(Error::usage(format!("`{entity}` cannot be the name of an entity: {why}"))
            .place("NAME")
            .help(format!("name the entity otherwise: `atlas generate module {name} --entity {entity}_record`")))
    }

    /// The file of the entity without `.rs`: `order`, or `entity` where the module has the same name
    /// (clippy's `module_inception`).
    #[must_use]
    pub fn entity_file(&self) -> String {
        let file = self.entity.snake();
        let taken = [
            "create",
            "decimal",
            "id",
            "list",
            "memory",
            "mod",
            "money",
            "query",
            "repository",
            "routes",
            "search",
            "service",
            "table",
            "tests",
            "update",
            "view",
        ];
        if file == self.module.snake() || taken.contains(&file.as_str()) {
            "entity".to_owned()
        } else {
            file
        }
    }
}

fn identifier(name: &str, what: &str, place: &str) -> Result<Words> {
    let wrong = |why: &str| {
        Error::usage(format!("`{name}` cannot be the name of {what}: {why}")).place(place)
    };
    if name.is_empty() {
        return Err(wrong("it is empty").help("for example `orders`"));
    }
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Err(wrong("it does not begin with a letter").help("for example `orders`"));
    }
    if let Some(letter) = name
        .chars()
        .find(|it| !(it.is_ascii_alphanumeric() || matches!(it, '-' | '_')))
    {
        return Err(wrong(&format!("it contains `{letter}`"))
            .help("take letters, digits and `_`, for example `order_items`"));
    }
    let words = Words::of(name);
    if words.snake().len() > 48 {
        return Err(wrong("it is longer than 48 letters").help(
            "tables and indexes are named after it, and databases allow 63 letters for these",
        ));
    }
    if reserved::is_keyword(&words.snake()) {
        return Err(wrong("it is a keyword of Rust").help("take another noun, or a longer one"));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::ModuleName;

    fn parts(name: &str, entity: Option<&str>) -> (String, String, String) {
        let name = ModuleName::parse(name, entity).unwrap();
        (name.module.snake(), name.entity.camel(), name.entity_file())
    }

    #[test]
    fn a_module_names_its_entity() {
        let strings = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(parts("orders", None), strings("orders", "Order", "order"));
        assert_eq!(
            parts("OrderItems", None),
            strings("order_items", "OrderItem", "order_item")
        );
        assert_eq!(
            parts("order-items", None),
            strings("order_items", "OrderItem", "order_item")
        );
        assert_eq!(
            parts("inventory", None),
            strings("inventory", "Inventory", "entity")
        );
        assert_eq!(
            parts("services", None),
            strings("services", "Service", "entity")
        );
        assert_eq!(
            parts("staff", Some("employee")),
            strings("staff", "Employee", "employee")
        );
    }

    #[test]
    fn a_name_that_would_not_compile_is_refused_with_a_way_out() {
        for (name, entity, why) in [
            ("", None, "it is empty"),
            ("2orders", None, "begin with a letter"),
            ("or ders", None, "contains ` `"),
            ("bücher", None, "contains `ü`"),
            ("match", None, "keyword of Rust"),
            ("matches", Some("match"), "keyword of Rust"),
            ("types", None, "keyword of Rust"),
            ("options", None, "generated code uses that name"),
            ("rows", None, "generated code uses that name"),
            ("routes", None, "call the module otherwise"),
            ("modules", None, "generated code uses that name"),
            ("migrations", None, "the schema"),
            ("serde", None, "depends on"),
            ("metrics", None, "an endpoint"),
        ] {
            let error = ModuleName::parse(name, entity).unwrap_err().to_string();
            assert!(error.contains(why), "{name}: {error}");
            assert!(error.contains("help"), "{name}: {error}");
        }
    }
}
