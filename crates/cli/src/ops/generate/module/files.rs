//! The files of a module, each a template with its slots filled.

use super::{
    draft::Draft,
    feature::NewModule,
    naming::Naming,
    slots::{Slots, imports, values},
};
use crate::{
    Result,
    ops::fields::{FieldKind, Key},
};

/// A file of a module: where it goes and what it holds.
pub(super) type Written = (String, String);

/// All files but the migration, whose name is not known here.
pub(super) fn all(new: &NewModule, naming: &Naming) -> Result<Vec<Written>> {
    let it = Files {
        new,
        naming,
        slots: Slots(&new.fields),
        kinds: Slots(&new.fields).kinds(),
    };
    let mut files = vec![
        ("mod", it.wiring()?),
        ("id", it.id()?),
        (naming.file.as_str(), it.entity()?),
        ("service", it.service()?),
        ("repository", it.repository()?),
        ("table", it.table()?),
        ("query", it.query()?),
        ("search", it.search()?),
        ("routes", it.plain("routes")?),
        ("list", it.list()?),
        ("create", it.request("create", "Create{E}")?),
        ("update", it.request("update", "Update{E}")?),
        ("view", it.view()?),
        ("memory", it.memory()?),
        ("tests", it.tests()?),
    ];
    if it.has(FieldKind::Money) {
        files.push(("money", it.plain("money")?));
    }
    if it.has(FieldKind::Decimal) {
        files.push((
            "decimal",
            include_str!("../../../../templates/decimal.rs").to_owned(),
        ));
    }
    let module = new.name.module.snake();
    let mut written: Vec<Written> = files
        .into_iter()
        .map(|(name, text)| (format!("src/{module}/{name}.rs"), text))
        .collect();
    written.push((format!("tests/it/{module}.rs"), it.over_http()?));
    Ok(written)
}

/// A module on its way to files; what a file needs is in `domain`, `sql` and `http`.
pub(super) struct Files<'a> {
    pub(super) new: &'a NewModule,
    pub(super) naming: &'a Naming,
    pub(super) slots: Slots<'a>,
    pub(super) kinds: Vec<FieldKind>,
}

impl<'a> Files<'a> {
    pub(super) fn inside(&self, name: &str) -> Result<Draft<'a>> {
        Draft::inside(&format!("src/catalog/{name}.rs"), self.naming)
    }

    pub(super) fn plain(&self, name: &str) -> Result<String> {
        Ok(self.inside(name)?.finish())
    }

    pub(super) fn has(&self, kind: FieldKind) -> bool {
        self.slots.any(kind)
    }

    pub(super) fn is_int(&self) -> bool {
        self.new.key == Key::Int
    }

    /// A line `use` and, behind it, those that the fields need.
    pub(super) fn with_imports(&self, draft: Draft<'a>, line: &str) -> Result<Draft<'a>> {
        draft.swap(
            line,
            format!("{line}\n{}", imports(&self.kinds, &["Value"])).trim_end(),
        )
    }

    pub(super) fn values(&self) -> String {
        values(&self.kinds)
    }

    /// The key as the database has it: a text is borrowed, all else is copied.
    pub(super) fn with_key(&self, draft: Draft<'a>) -> Result<Draft<'a>> {
        match self.new.key {
            Key::String => Ok(draft),
            Key::Uuid | Key::Int => draft.swap_all("id.as_str()", "id.column()"),
        }
    }
}
