//! The names of a module, put into templates.

use crate::ops::{
    names::{ModuleName, Words},
    template::Rename,
};

/// How the names of the catalog become those of a module.
pub(super) struct Naming {
    inside: Rename,
    outside: Rename,
    entity: Words,
    module: Words,
    port: Words,
    service: Words,
    /// The file of the entity without `.rs`.
    pub(super) file: String,
}

impl Naming {
    /// The names of a module in the service `service`.
    pub(super) fn of(name: &ModuleName, service: &str) -> Self {
        // the entity and what keeps it cannot share a name
        let port = match name.module == name.entity {
            true => Words::of(&format!("{}_store", name.module)),
            false => name.module.clone(),
        };
        let others = Rename::new("product", &name.entity.snake())
            .and(Rename::new("catalog", &name.module.snake()))
            .and(Rename::new("shop", service).proper(service));
        Self {
            inside: Rename::new("products", &port.snake())
                .spoken(&name.module)
                .and(others.clone()),
            outside: Rename::new("products", &name.module.snake()).and(others),
            entity: name.entity.clone(),
            module: name.module.clone(),
            port,
            service: Words::of(service),
            file: name.entity_file(),
        }
    }

    /// A file of the module's folder under the new names.
    pub(super) fn inside(&self, text: &str) -> String {
        // what is quoted is the name of a table, not that of what keeps things
        let text = text.replace("\"products\"", "\"catalog\"");
        self.inside.rust(&text)
    }

    /// A file elsewhere under the new names.
    pub(super) fn outside(&self, text: &str) -> String {
        self.outside.rust(text)
    }

    /// Names in slots: `{E}` `Order`, `{e}` `order`, `{M}` `Orders` (what keeps them), `{m}` `orders` (a variable), `{t}`
    /// `orders` (the table), `{u}` `orders` (in an address), `{s}` the crate of the service, `{ps}` and `{Ps}` `orders` in prose.
    pub(super) fn fill(&self, text: &str) -> String {
        [
            ("{E}", self.entity.camel()),
            ("{e}", self.entity.snake()),
            ("{M}", self.port.camel()),
            ("{m}", self.port.snake()),
            ("{t}", self.module.snake()),
            ("{u}", self.module.kebab()),
            ("{s}", self.service.snake()),
            ("{ps}", self.module.spoken()),
            ("{Ps}", self.module.sentence()),
        ]
        .into_iter()
        .fold(text.to_owned(), |text, (slot, name)| {
            text.replace(slot, &name)
        })
    }
}
