//! Rows that are inserted, or updated when their key exists.
//!
//! Engines differ in what they make of a conflict: MySQL takes any unique key for the one that was meant, the others want
//! a unique index on just these columns. So the rows that exist are read first, and every engine does the same.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectionTrait,
    DbBackend, EntityName, EntityTrait, IdenStatic, Iterable, ModelTrait, PrimaryKeyToColumn,
    QueryFilter, Value,
};

use super::{
    sequence,
    tally::{Rows, written},
};
use crate::{Db, Error, Result, statement::most_parameters};

/// The most rows in one statement; more of them are no quicker.
const ROWS: usize = 1000;

/// The most bytes of values in one statement, far below what any server takes in a packet.
const BYTES: usize = 1 << 20;

/// Inserts rows by their primary key, and updates those that exist and differ, so that a second run changes nothing.
///
/// All of it is one transaction, and statements hold as many rows as the engine takes. Inside of a seed, the rows are
/// counted in its report.
///
/// # Errors
///
/// When a row has no primary key, or a statement fails; then no row was written.
pub async fn upsert<A>(db: &Db, rows: impl IntoIterator<Item = A, IntoIter: Send>) -> Result<Rows>
where
    A: ActiveModelBehavior + Send + Sync,
    <A::Entity as EntityTrait>::Model: Sync,
{
    let key: Vec<_> = <A::Entity as EntityTrait>::PrimaryKey::iter()
        .map(PrimaryKeyToColumn::into_column)
        .collect();
    upsert_by(db, key, rows).await
}

/// As [`upsert`], by a natural key: columns that tell rows apart where the primary key is made by the database, such as
/// `[Column::Slug]`. The primary key of a row that exists stays, whatever the new one says. No unique index is needed, though a table of many rows should have one.
///
/// # Errors
///
/// When a row has no value in a column of the key, or a statement fails; then no row was written.
pub async fn upsert_by<A>(
    db: &Db,
    key: impl IntoIterator<Item = <A::Entity as EntityTrait>::Column>,
    rows: impl IntoIterator<Item = A, IntoIter: Send>,
) -> Result<Rows>
where
    A: ActiveModelBehavior + Send + Sync,
    <A::Entity as EntityTrait>::Model: Sync,
{
    upsert_new(db, key.into_iter().collect(), rows, |_| {}).await
}

/// As [`upsert_by`]; rows that are new are completed first.
pub(super) async fn upsert_new<A>(
    db: &Db,
    key: Vec<<A::Entity as EntityTrait>::Column>,
    rows: impl IntoIterator<Item = A, IntoIter: Send>,
    complete: fn(&mut A),
) -> Result<Rows>
where
    A: ActiveModelBehavior + Send + Sync,
    <A::Entity as EntityTrait>::Model: Sync,
{
    let mut rows = rows.into_iter();
    let total = match rows.size_hint() {
        (least, Some(most)) if least == most => Some(most as u64),
        _ => None,
    };
    let most = rows_at_once::<A>(db.get_database_backend());
    db.transaction(|| async {
        let mut sum = Rows::default();
        let mut keyed = false;
        let mut next = None;
        loop {
            let chunk = chunk(&key, &mut next, &mut rows, most)?;
            if chunk.is_empty() {
                break;
            }
            let (done, own_keys) = settle(db, &key, chunk, complete).await?;
            keyed |= own_keys;
            sum.add(done);
            written(table::<A>(), done, sum.total(), total);
        }
        if keyed {
            sequence::catch_up::<A::Entity>(db).await?;
        }
        Ok(sum)
    })
    .await
}

fn table<A: ActiveModelTrait>() -> &'static str {
    A::Entity::default().table_name()
}

/// The most rows whose values are parameters of one statement.
fn rows_at_once<A: ActiveModelTrait>(backend: DbBackend) -> usize {
    let parameters = most_parameters(backend);
    let columns = <A::Entity as EntityTrait>::Column::iter().count().max(1);
    (parameters / columns).clamp(1, ROWS)
}

/// A row, and the text by which its key is compared.
struct Keyed<A> {
    row: A,
    key: Vec<Value>,
    text: String,
}

/// The next rows, no two of one key, so that the latter of two updates what the former inserted.
fn chunk<A: ActiveModelTrait>(
    key: &[<A::Entity as EntityTrait>::Column],
    next: &mut Option<Keyed<A>>,
    rows: &mut impl Iterator<Item = A>,
    most: usize,
) -> Result<Vec<Keyed<A>>> {
    let mut seen = HashSet::new();
    let mut chunk = Vec::new();
    while chunk.len() < most {
        let row = match next.take() {
            Some(row) => row,
            None => match rows.next() {
                Some(row) => keyed(key, row)?,
                None => break,
            },
        };
        if !seen.insert(row.text.clone()) {
            *next = Some(row);
            break;
        }
        chunk.push(row);
    }
    Ok(chunk)
}

fn keyed<A: ActiveModelTrait>(
    key: &[<A::Entity as EntityTrait>::Column],
    row: A,
) -> Result<Keyed<A>> {
    let values: Result<Vec<Value>> = key
        .iter()
        .map(|column| match row.get(*column) {
            ActiveValue::Set(value) | ActiveValue::Unchanged(value) if value != value.as_null() => {
                Ok(value)
            }
            _ => Err(Error::from(sea_orm::DbErr::Custom(format!(
                "a row of `{}` has no `{}`, by which it would be found again",
                table::<A>(),
                IdenStatic::as_str(column)
            )))),
        })
        .collect();
    let key = values?;
    Ok(Keyed {
        text: text(&key),
        row,
        key,
    })
}

/// Values have no order and no hash, but words.
pub(super) fn text(key: &[Value]) -> String {
    format!("{key:?}")
}

/// The rows of the database that have one of these keys.
pub(super) async fn existing<E: EntityTrait>(
    db: &Db,
    key: &[E::Column],
    wanted: &[Vec<Value>],
) -> Result<HashMap<String, E::Model>> {
    let mut found = HashMap::with_capacity(wanted.len());
    let condition = match key {
        [column] => {
            let values = wanted.iter().flatten().cloned();
            Condition::all().add(column.is_in(values))
        }
        many => wanted.iter().fold(Condition::any(), |any, values| {
            let equal = many.iter().zip(values);
            any.add(equal.fold(Condition::all(), |all, (column, value)| {
                all.add(column.eq(value.clone()))
            }))
        }),
    };
    for row in E::find().filter(condition).all(db).await? {
        let values: Vec<Value> = key.iter().map(|column| row.get(*column)).collect();
        found.insert(text(&values), row);
    }
    Ok(found)
}

/// Brings rows into the table, no two of which have the same key. Says what became of them, and whether new ones came with a primary key of their own.
async fn settle<A>(
    db: &Db,
    key: &[<A::Entity as EntityTrait>::Column],
    chunk: Vec<Keyed<A>>,
    complete: fn(&mut A),
) -> Result<(Rows, bool)>
where
    A: ActiveModelBehavior + Send + Sync,
    <A::Entity as EntityTrait>::Model: Sync,
{
    let mut known = HashMap::with_capacity(chunk.len());
    // expressions nest as deep as alternatives are many, and SQLite goes no deeper than 1000
    let keys_at_once = if key.len() == 1 { ROWS } else { ROWS / 5 };
    for part in chunk.chunks(keys_at_once) {
        let wanted: Vec<Vec<Value>> = part.iter().map(|it| it.key.clone()).collect();
        known.extend(existing::<A::Entity>(db, key, &wanted).await?);
    }
    let mut rows = Rows::default();
    let mut new = Vec::with_capacity(chunk.len());
    for Keyed { row, text, .. } in chunk {
        match known.get(&text) {
            None => {
                let mut row = row;
                complete(&mut row);
                new.push(row.before_save(db, true).await?);
            }
            Some(model) => match difference(row, model) {
                None => rows.unchanged += 1,
                Some(changed) => {
                    update(db, changed, model).await?;
                    rows.updated += 1;
                }
            },
        }
    }
    rows.inserted = new.len() as u64;
    let keyed = <A::Entity as EntityTrait>::PrimaryKey::iter()
        .all(|it| new.iter().any(|row| !row.is_not_set(it.into_column())));
    insert(db, new).await?;
    Ok((rows, keyed))
}

/// The columns that are to have other values than they have. The primary key of a row stays what it is: others refer to it.
fn difference<A: ActiveModelTrait>(
    mut row: A,
    model: &<A::Entity as EntityTrait>::Model,
) -> Option<A> {
    let mut differs = false;
    for column in <A::Entity as EntityTrait>::Column::iter() {
        let is_key = <A::Entity as EntityTrait>::PrimaryKey::from_column(column).is_some();
        match row.get(column) {
            ActiveValue::Set(value) | ActiveValue::Unchanged(value)
                if !is_key && value != model.get(column) =>
            {
                // what came of a model counts as unchanged, and would be left out
                row.reset(column);
                differs = true;
            }
            _ => row.not_set(column),
        }
    }
    differs.then_some(row)
}

async fn update<A>(db: &Db, changed: A, model: &<A::Entity as EntityTrait>::Model) -> Result<()>
where
    A: ActiveModelBehavior + Send,
{
    let keys =
        || <A::Entity as EntityTrait>::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
    let mut changed = changed;
    for column in keys() {
        // the application may want to know which row it is
        changed.try_set(column, model.get(column))?;
    }
    let mut changed = changed.before_save(db, false).await?;
    for column in keys() {
        changed.not_set(column);
    }
    let update = A::Entity::update_many().set(changed);
    let update = keys().fold(update, |update, column| {
        update.filter(column.eq(model.get(column)))
    });
    update.exec(db).await?;
    Ok(())
}

/// Inserts rows, those with values in the same columns together.
async fn insert<A: ActiveModelTrait + Send>(db: &Db, rows: Vec<A>) -> Result<()> {
    let mut groups: Vec<(Vec<bool>, Vec<A>)> = Vec::new();
    for row in rows {
        let shape: Vec<bool> = <A::Entity as EntityTrait>::Column::iter()
            .map(|column| row.is_not_set(column))
            .collect();
        match groups.iter_mut().find(|(known, _)| *known == shape) {
            Some((_, group)) => group.push(row),
            None => groups.push((shape, vec![row])),
        }
    }
    for (_, group) in groups {
        let mut statement = Vec::with_capacity(group.len());
        let mut bytes = 0;
        for row in group {
            let more = size(&row);
            if bytes + more > BYTES && !statement.is_empty() {
                let full = std::mem::take(&mut statement);
                A::Entity::insert_many(full)
                    .exec_without_returning(db)
                    .await?;
                bytes = 0;
            }
            bytes += more;
            statement.push(row);
        }
        A::Entity::insert_many(statement)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// About how many bytes the values of a row take.
fn size<A: ActiveModelTrait>(row: &A) -> usize {
    <A::Entity as EntityTrait>::Column::iter()
        .map(|column| match row.get(column).into_value() {
            Some(Value::String(Some(text))) => text.len(),
            Some(Value::Bytes(Some(bytes))) => bytes.len(),
            // not exact, and cheaper than to write it out
            Some(Value::Json(Some(_))) => 1024,
            _ => 8,
        })
        .sum()
}
