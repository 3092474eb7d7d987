//! Fields as columns of a table.

use crate::ops::fields::{Field, FieldKind};

/// A column and how SeaQuery's builder makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// Its name.
    pub(super) name: String,
    /// Calls behind `ColumnDef::new("name")` that give its type.
    kind: &'static str,
    optional: bool,
    /// The value of rows that are there already, when the column is added later.
    default: Option<&'static str>,
}

impl Column {
    /// The columns of a field: one, or three for an amount of money.
    pub(super) fn of(field: &Field) -> Vec<Self> {
        let column = |suffix: &str, kind: &'static str, default: Option<&'static str>| Self {
            name: format!("{}{suffix}", field.name.snake()),
            kind,
            optional: field.optional,
            default,
        };
        match field.kind {
            FieldKind::String => vec![column("", ".string_len(255)", Some("\"\""))],
            FieldKind::Text => vec![column("", ".text()", Some("\"\""))],
            FieldKind::Int => vec![column("", ".integer()", Some("0"))],
            FieldKind::Bigint | FieldKind::Decimal => vec![column("", ".big_integer()", Some("0"))],
            FieldKind::Bool => vec![column("", ".boolean()", Some("false"))],
            FieldKind::Date => vec![column("", ".date()", None)],
            FieldKind::Datetime => vec![column("", ".timestamp_with_time_zone()", None)],
            FieldKind::Uuid => vec![column("", ".uuid()", None)],
            FieldKind::Json => vec![column("", ".json()", None)],
            FieldKind::Money => vec![
                column("_units", ".big_integer()", Some("0")),
                column("_nanos", ".integer()", Some("0")),
                column("_currency", ".string_len(3)", Some("\"USD\"")),
            ],
        }
    }

    /// The column of a new table.
    pub(super) fn define(&self) -> String {
        let null = if self.optional { "" } else { ".not_null()" };
        format!("ColumnDef::new({:?}){}{null}", self.name, self.kind)
    }

    /// The column added to a table with rows; `None` when these rows would have no value.
    pub(super) fn add(&self) -> Option<String> {
        if self.optional {
            return Some(self.define());
        }
        let default = self.default?;
        Some(format!("{}.default({default})", self.define()))
    }
}

/// The statement that makes the index of a field, if it has one.
pub(super) fn index(table: &str, field: &Field) -> Option<String> {
    let unique = match (field.unique, field.index) {
        (true, _) => ".unique()",
        (false, true) => "",
        (false, false) => return None,
    };
    let (name, column) = (index_name(table, field), field.name.snake());
    // lists go through such an index, and need the id to tell equal values apart
    let id = if field.unique { "" } else { ".col(\"id\")" };
    Some(format!(
        "Index::create(){unique}.name({name:?}).table({table:?}).col({column:?}){id}"
    ))
}

/// What the index of a field is called.
pub(super) fn index_name(table: &str, field: &Field) -> String {
    format!("{table}_by_{}", field.name.snake())
}
