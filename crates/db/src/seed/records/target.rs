//! The table that records go to.

use std::{any::type_name, collections::HashMap, marker::PhantomData};

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue, ColumnTrait, EntityTrait, IdenStatic,
    Iterable, ModelTrait, PrimaryKeyToColumn, Value, sea_query::ColumnType,
};
use serde_json::Value as Json;

use super::value;
use crate::{
    Db, Error,
    seed::upsert::{existing, text, upsert_new},
};

/// The values of a record by the number of their column.
pub(super) type Fields = Vec<(usize, Json)>;

/// Why rows could not be written.
pub(super) enum Trouble {
    /// A value of a row, by its number, does not fit its column.
    Value(usize, usize, String),
    /// A row, by its number, has no value in a column of the key.
    NoKey(usize, usize),
    /// Two rows, by their numbers, have the same key.
    Twice(usize, usize),
    /// The database refused a statement.
    Database(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

/// A table, without the type of its rows.
#[async_trait::async_trait]
pub(super) trait Target: Send + Sync {
    fn table(&self) -> &str;
    fn columns(&self) -> &[&'static str];
    fn is_json(&self, column: usize) -> bool;
    /// The column of the primary key, if it is one.
    fn primary_key(&self) -> Option<usize>;
    /// The columns that rows are found again by.
    fn key(&self) -> &[usize];
    async fn write(&self, db: &Db, rows: Vec<Fields>) -> Result<(), Trouble>;
    /// The values that a column has in the rows of these keys.
    async fn find(
        &self,
        db: &Db,
        keys: Vec<Vec<Json>>,
        column: usize,
    ) -> Result<Vec<Option<Json>>, Trouble>;
}

pub(super) struct EntityTarget<E: EntityTrait> {
    table: String,
    columns: Vec<E::Column>,
    names: Vec<&'static str>,
    primary_key: Option<usize>,
    key: Vec<usize>,
    entity: PhantomData<fn() -> E>,
}

impl<E: EntityTrait> EntityTarget<E> {
    pub(super) fn new(key: impl IntoIterator<Item = E::Column>) -> Self {
        let columns: Vec<E::Column> = E::Column::iter().collect();
        let names: Vec<&'static str> = columns
            .iter()
            .map(|column| IdenStatic::as_str(column))
            .collect();
        let number = |column: E::Column| {
            let name = IdenStatic::as_str(&column);
            names.iter().position(|it| *it == name)
        };
        let primary: Vec<usize> = E::PrimaryKey::iter()
            .filter_map(|it| number(it.into_column()))
            .collect();
        let mut key: Vec<usize> = key.into_iter().filter_map(number).collect();
        if key.is_empty() {
            key.clone_from(&primary);
        }
        Self {
            table: E::default().table_name().to_owned(),
            primary_key: match primary[..] {
                [one] => Some(one),
                _ => None,
            },
            key,
            names,
            columns,
            entity: PhantomData,
        }
    }

    fn key_columns(&self) -> Vec<E::Column> {
        self.key.iter().map(|it| self.columns[*it]).collect()
    }

    fn row(&self, number: usize, fields: &Fields) -> Result<E::ActiveModel, Trouble> {
        let mut row = <E::ActiveModel as ActiveModelTrait>::default();
        for (column, json) in fields {
            value::set(&mut row, self.columns[*column], json)
                .map_err(|problem| Trouble::Value(number, *column, problem))?;
        }
        Ok(row)
    }

    fn key_of(&self, number: usize, row: &E::ActiveModel) -> Result<Vec<Value>, Trouble> {
        self.key
            .iter()
            .map(|column| match row.get(self.columns[*column]) {
                ActiveValue::Set(value) if value != value.as_null() => Ok(value),
                _ => Err(Trouble::NoKey(number, *column)),
            })
            .collect()
    }
}

#[async_trait::async_trait]
impl<E> Target for EntityTarget<E>
where
    E: EntityTrait<ActiveModel: Send + Sync, Model: Sync>,
{
    fn table(&self) -> &str {
        &self.table
    }

    fn columns(&self) -> &[&'static str] {
        &self.names
    }

    fn is_json(&self, column: usize) -> bool {
        let definition = self.columns[column].def();
        matches!(
            definition.get_column_type(),
            ColumnType::Json | ColumnType::JsonBinary
        )
    }

    fn primary_key(&self) -> Option<usize> {
        self.primary_key
    }

    fn key(&self) -> &[usize] {
        &self.key
    }

    async fn write(&self, db: &Db, rows: Vec<Fields>) -> Result<(), Trouble> {
        let mut models = Vec::with_capacity(rows.len());
        let mut seen = HashMap::with_capacity(rows.len());
        for (number, fields) in rows.into_iter().enumerate() {
            let row = self.row(number, &fields)?;
            let key = text(&self.key_of(number, &row)?);
            if let Some(first) = seen.insert(key, number) {
                return Err(Trouble::Twice(number, first));
            }
            models.push(row);
        }
        upsert_new(db, self.key_columns(), models, complete::<E>).await?;
        Ok(())
    }

    async fn find(
        &self,
        db: &Db,
        keys: Vec<Vec<Json>>,
        column: usize,
    ) -> Result<Vec<Option<Json>>, Trouble> {
        let mut values = Vec::with_capacity(keys.len());
        for (number, key) in keys.into_iter().enumerate() {
            let fields: Fields = self.key.iter().copied().zip(key).collect();
            values.push(self.key_of(number, &self.row(number, &fields)?)?);
        }
        let mut found = Vec::with_capacity(values.len());
        for wanted in values.chunks(200) {
            let rows = existing::<E>(db, &self.key_columns(), wanted).await?;
            found.extend(wanted.iter().map(|key| {
                let row = rows.get(&text(key))?;
                Some(json(&row.get(self.columns[column])))
            }));
        }
        Ok(found)
    }
}

/// What the application gives a new row by itself, in the columns that the record says nothing about.
fn complete<E: EntityTrait>(row: &mut E::ActiveModel) {
    let mut fresh = <E::ActiveModel as ActiveModelBehavior>::new();
    for column in E::Column::iter() {
        if row.is_not_set(column)
            && let ActiveValue::Set(value) | ActiveValue::Unchanged(value) = fresh.take(column)
        {
            // it was the value of this very column
            let _ = row.try_set(column, value);
        }
    }
}

/// A value of the database, as a file would have it.
fn json(value: &Value) -> Json {
    sea_orm::sea_query::sea_value_to_json_value(value)
}

impl<E: EntityTrait> std::fmt::Debug for EntityTarget<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.table, type_name::<E>())
    }
}
