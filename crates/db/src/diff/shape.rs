//! Tables as an engine describes them.

use sea_orm::sea_query::ForeignKeyAction;

/// A table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// In the order of the key; none when there is no key.
    pub(super) primary_key: Vec<String>,
    pub(super) indexes: Vec<Index>,
    pub(super) foreign_keys: Vec<ForeignKey>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    /// The type in the engine's own words, in lower case.
    pub(super) kind: String,
    pub(super) nullable: bool,
    /// SQL of the value that rows get which come without one.
    pub(super) default: Option<String>,
    /// The database counts.
    pub(super) counts: bool,
    /// The database computes it.
    pub(super) generated: bool,
}

/// An index, or a constraint that is kept by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) name: String,
    pub(super) unique: bool,
    pub(super) columns: Vec<String>,
    /// It was made as a constraint of the table.
    pub(super) constraint: bool,
    /// It covers some rows or expressions, which an entity cannot say.
    pub(super) partial: bool,
}

/// A reference to another table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ForeignKey {
    /// SQLite keeps none.
    pub(super) name: Option<String>,
    pub(super) columns: Vec<String>,
    pub(super) to_table: String,
    pub(super) to_columns: Vec<String>,
    pub(super) on_delete: Action,
    pub(super) on_update: Action,
}

/// What happens to a row when the one that it refers to goes or changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Action {
    /// The change is refused. `NO ACTION` and `RESTRICT` differ only in when.
    #[default]
    Refuse,
    Cascade,
    SetNull,
    SetDefault,
}

impl Table {
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl ForeignKey {
    /// Says whether both keep the same promise, whatever they are called.
    pub(super) fn means(&self, other: &Self) -> bool {
        self.columns == other.columns
            && self.to_table == other.to_table
            && self.to_columns == other.to_columns
            && self.on_delete == other.on_delete
            && self.on_update == other.on_update
    }

    /// Its name, or the one that it gets from us.
    pub(super) fn name_in(&self, table: &str) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => format!("{table}_{}_fkey", self.columns.join("_")),
        }
    }
}

impl Action {
    /// Reads `CASCADE`, `SET NULL`, … and the letters of PostgreSQL's catalog.
    pub(super) fn read(text: &str) -> Self {
        match text.to_ascii_uppercase().as_str() {
            "CASCADE" | "C" => Self::Cascade,
            "SET NULL" | "N" => Self::SetNull,
            "SET DEFAULT" | "D" => Self::SetDefault,
            _ => Self::Refuse,
        }
    }

    /// The builder's variant, when there is something to say.
    pub(super) fn variant(self) -> Option<&'static str> {
        match self {
            Self::Refuse => None,
            Self::Cascade => Some("Cascade"),
            Self::SetNull => Some("SetNull"),
            Self::SetDefault => Some("SetDefault"),
        }
    }
}

impl From<Option<ForeignKeyAction>> for Action {
    fn from(action: Option<ForeignKeyAction>) -> Self {
        match action {
            Some(ForeignKeyAction::Cascade) => Self::Cascade,
            Some(ForeignKeyAction::SetNull) => Self::SetNull,
            Some(ForeignKeyAction::SetDefault) => Self::SetDefault,
            _ => Self::Refuse,
        }
    }
}
