//! Entities as modules contribute them.

use std::{fmt, sync::Arc};

use atlas_core::Component;
use sea_orm::{
    DbBackend, EntityTrait, Schema,
    sea_query::{
        Alias, ColumnDef, ColumnType, Expr, Index, IndexCreateStatement, Table,
        TableCreateStatement, TableName, TableRef,
    },
};

use super::shape::ForeignKey;

type Describe = dyn Fn(DbBackend) -> Described + Send + Sync;

/// The table of an entity, contributed by the module that owns it, for the command `migrate diff`.
#[derive(Clone)]
pub struct EntityTable {
    name: String,
    describe: Option<Arc<Describe>>,
}

impl Component for EntityTable {}

/// Makes an entity known to `migrate diff`: `.contribute(|| atlas::db::entity(table::Entity))`.
///
/// Its columns, keys, `#[sea_orm(unique)]`, `#[sea_orm(unique_key = "…")]`, `#[sea_orm(indexed)]` and the relations that it
/// belongs to are compared with what the migrations make. The entity itself may be private to its module.
pub fn entity<E: EntityTrait>(entity: E) -> EntityTable {
    EntityTable {
        name: entity.table_name().to_owned(),
        describe: Some(Arc::new(move |backend| Described::new(entity, backend))),
    }
}

impl EntityTable {
    /// A table that no entity describes and that the diff leaves alone, such as one that other code reads with SQL.
    pub fn unmapped(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            describe: None,
        }
    }

    /// The name of the table.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the entity says; `None` when there is no entity.
    pub(super) fn describe(&self, backend: DbBackend) -> Option<Wanted> {
        let described = self.describe.as_ref()?(backend);
        Some(Wanted::new(&self.name, &described))
    }
}

impl fmt::Debug for EntityTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EntityTable").field(&self.name).finish()
    }
}

/// What SeaORM makes of an entity.
struct Described {
    table: TableCreateStatement,
    /// The same without what is special to the engine: enumerations keep their values.
    plain: TableCreateStatement,
    indexes: Vec<IndexCreateStatement>,
}

impl Described {
    fn new<E: EntityTrait>(entity: E, backend: DbBackend) -> Self {
        let schema = Schema::new(backend);
        Self {
            table: schema.create_table_from_entity(entity),
            plain: Schema::new(DbBackend::Sqlite).create_table_from_entity(entity),
            indexes: schema.create_index_from_entity(entity),
        }
    }
}

/// The table that an entity describes.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) table: String,
    pub(super) columns: Vec<WantedColumn>,
    pub(super) primary_key: Vec<String>,
    pub(super) uniques: Vec<Vec<String>>,
    pub(super) indexes: Vec<Vec<String>>,
    pub(super) foreign_keys: Vec<ForeignKey>,
}

/// A column that an entity describes.
#[derive(Clone, Debug)]
pub(super) struct WantedColumn {
    pub(super) name: String,
    /// As this engine takes it.
    pub(super) native: ColumnType,
    /// As the entity has it.
    pub(super) kind: ColumnType,
    pub(super) nullable: bool,
    pub(super) default: Option<Expr>,
    pub(super) counts: bool,
    pub(super) renamed_from: Option<String>,
}

impl Wanted {
    fn new(name: &str, described: &Described) -> Self {
        let columns = described.table.get_columns();
        let mut primary_key: Vec<String> = described
            .table
            .get_indexes()
            .iter()
            .filter(|index| index.is_primary_key())
            .flat_map(|index| index.get_index_spec().get_column_names())
            .collect();
        let single = columns
            .iter()
            .filter(|column| column.get_column_spec().primary_key);
        primary_key.extend(single.map(ColumnDef::get_column_name));
        let (unique, plain): (Vec<_>, Vec<_>) = described
            .indexes
            .iter()
            .partition(|index| index.is_unique_key());
        let names = |indexes: Vec<&IndexCreateStatement>| -> Vec<Vec<String>> {
            let columns = |index: &IndexCreateStatement| index.get_index_spec().get_column_names();
            indexes.into_iter().map(columns).collect()
        };
        let mut uniques = names(unique);
        let alone = columns
            .iter()
            .filter(|column| column.get_column_spec().unique);
        uniques.extend(alone.map(|column| vec![column.get_column_name()]));
        let mut foreign_keys: Vec<ForeignKey> = Vec::new();
        for statement in described.table.get_foreign_key_create_stmts() {
            let key = statement.get_foreign_key();
            let key = ForeignKey {
                name: None,
                columns: key.get_columns(),
                to_table: key.get_ref_table().map(name_of).unwrap_or_default(),
                to_columns: key.get_ref_columns(),
                on_delete: key.get_on_delete().into(),
                on_update: key.get_on_update().into(),
            };
            if !foreign_keys.iter().any(|other| other.means(&key)) {
                foreign_keys.push(key);
            }
        }
        Self {
            table: name.to_owned(),
            columns: columns
                .iter()
                .zip(described.plain.get_columns())
                .map(|(native, plain)| WantedColumn::new(native, plain))
                .collect(),
            primary_key,
            uniques,
            indexes: names(plain),
            foreign_keys,
        }
    }

    /// The statement that makes the table with its columns and its key, and nothing that other tables must exist for.
    pub(super) fn create(&self) -> TableCreateStatement {
        let mut table = Table::create();
        table.table(Alias::new(&self.table));
        let alone = self.primary_key.len() == 1;
        for column in &self.columns {
            let mut define = column.define();
            if alone && self.primary_key[0] == column.name {
                define.primary_key();
            }
            table.col(define);
        }
        if self.primary_key.len() > 1 {
            let mut key = Index::create();
            for column in &self.primary_key {
                key.col(Alias::new(column));
            }
            table.primary_key(&mut key);
        }
        table
    }

    /// What makes its enumerations, where these are types of their own.
    pub(super) fn enumerations(&self, backend: DbBackend) -> Vec<String> {
        if backend != DbBackend::Postgres {
            return Vec::new();
        }
        let kinds = self.columns.iter().map(|column| &column.kind);
        kinds.filter_map(enumeration).collect()
    }

    pub(super) fn column(&self, name: &str) -> Option<&WantedColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The tables that this one refers to, itself aside.
    pub(super) fn parents(&self) -> impl Iterator<Item = &str> {
        self.foreign_keys
            .iter()
            .map(|key| key.to_table.as_str())
            .filter(|table| *table != self.table)
    }
}

impl WantedColumn {
    fn new(native: &ColumnDef, plain: &ColumnDef) -> Self {
        let spec = native.get_column_spec();
        let kind = |column: &ColumnDef| {
            let kind = column.get_column_type().cloned();
            kind.unwrap_or(ColumnType::Text)
        };
        // SeaORM hands the attribute `renamed_from` on inside of the comment
        let renamed_from = spec.comment.as_deref().and_then(|comment| {
            let (_, rest) = comment.rsplit_once("renamed_from \"")?;
            Some(rest.strip_suffix('"')?.to_owned())
        });
        Self {
            name: native.get_column_name(),
            native: kind(native),
            kind: kind(plain),
            nullable: spec.nullable != Some(false) && !spec.primary_key,
            default: spec.default.clone(),
            counts: spec.auto_increment,
            renamed_from,
        }
    }

    fn define(&self) -> ColumnDef {
        let name = Alias::new(&self.name);
        let mut column = ColumnDef::new_with_type(name, self.native.clone());
        if !self.nullable {
            column.not_null();
        }
        if let Some(default) = &self.default {
            column.default(default.clone());
        }
        if self.counts {
            column.auto_increment();
        }
        column
    }
}

fn name_of(table: &TableRef) -> String {
    match table {
        TableRef::Table(TableName(_, name), _) => name.to_string(),
        _ => String::new(),
    }
}

/// The statement of PostgreSQL that makes the type of an enumeration, unless it is there.
pub(super) fn enumeration(kind: &ColumnType) -> Option<String> {
    let ColumnType::Enum { name, variants } = kind else {
        return None;
    };
    let values: Vec<String> = variants
        .iter()
        .map(|it| format!("'{}'", it.to_string().replace('\'', "''")))
        .collect();
    Some(format!(
        "DO $$ BEGIN CREATE TYPE \"{name}\" AS ENUM ({}); EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        values.join(", ")
    ))
}
