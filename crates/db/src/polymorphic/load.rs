//! Loads one side of a polymorphic relation for many rows of the other.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityOrSelect, ModelTrait, QueryFilter, Value};

use super::{Polymorphic, Subject, key};
use crate::Result;

/// Loads what a polymorphic relation leads to, for all rows at once; what `LoaderTrait` of SeaORM does for other relations.
///
/// The results stand in the order of the rows that they were loaded for. Where a query is asked for, an entity will do (its
/// rows come in the order of the primary key), or a `Select` that orders or narrows down; `find()` of a record leaves
/// deleted rows out. No query is sent when there is nothing to ask for.
#[async_trait]
pub trait LoadPolymorphic {
    /// The rows that are at hand.
    type Model: ModelTrait;

    /// The subjects of one kind: none for rows that belong to another kind, and for those whose subject is gone or left out
    /// by the query. One query.
    ///
    /// ```no_run
    /// # use atlas_db::{Db, LoadPolymorphic, Polymorphic, Subject, sea_orm::EntityTrait};
    /// # async fn example<C: Polymorphic, P: Subject<C>>(comments: Vec<C::Model>, product: P, db: Db) -> atlas_db::Result<()>
    /// # where C::Model: Sync, P::Model: Send + Sync {
    /// let products: Vec<Option<P::Model>> = comments.load_subject(product, &db).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When the statement fails.
    async fn load_subject<S, Q, C>(&self, query: Q, db: &C) -> Result<Vec<Option<S::Model>>>
    where
        <Self::Model as ModelTrait>::Entity: Polymorphic,
        S: Subject<<Self::Model as ModelTrait>::Entity>,
        S::Model: Send + Sync,
        Q: EntityOrSelect<S>,
        C: ConnectionTrait;

    /// The rows of `P` that belong to each of these. One query.
    ///
    /// ```no_run
    /// # use atlas_db::{Db, LoadPolymorphic, Polymorphic, Subject, sea_orm::EntityTrait};
    /// # async fn example<C: Polymorphic, P: Subject<C>>(products: Vec<P::Model>, comment: C, db: Db) -> atlas_db::Result<()>
    /// # where C::Model: Send + Sync, P::Model: Sync {
    /// let comments: Vec<Vec<C::Model>> = products.load_polymorphic(comment, &db).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When the statement fails.
    async fn load_polymorphic<P, Q, C>(&self, query: Q, db: &C) -> Result<Vec<Vec<P::Model>>>
    where
        <Self::Model as ModelTrait>::Entity: Subject<P>,
        P: Polymorphic,
        P::Model: Send + Sync,
        Q: EntityOrSelect<P>,
        C: ConnectionTrait;
}

#[async_trait]
impl<M: ModelTrait + Sync> LoadPolymorphic for [M] {
    type Model = M;

    async fn load_subject<S, Q, C>(&self, query: Q, db: &C) -> Result<Vec<Option<S::Model>>>
    where
        M::Entity: Polymorphic,
        S: Subject<M::Entity>,
        S::Model: Send + Sync,
        Q: EntityOrSelect<S>,
        C: ConnectionTrait,
    {
        let column = S::key();
        let wanted = key::of(column);
        let keys = self.iter().map(|row| {
            key::is_of(row, S::KIND).then(|| key::read(row, M::Entity::key(), &wanted))?
        });
        let keys: Vec<Option<Value>> = keys.collect();
        let asked = distinct(&keys);
        if asked.is_empty() {
            return Ok(vec![None; self.len()]);
        }
        let rows = query.select().filter(column.is_in(asked)).all(db).await?;
        let by_key = rows
            .into_iter()
            .filter_map(|row| Some((key::read(&row, column, &wanted)?, row)));
        let by_key: HashMap<Value, S::Model> = by_key.collect();
        let found = keys.iter().map(|key| by_key.get(key.as_ref()?).cloned());
        Ok(found.collect())
    }

    async fn load_polymorphic<P, Q, C>(&self, query: Q, db: &C) -> Result<Vec<Vec<P::Model>>>
    where
        M::Entity: Subject<P>,
        P: Polymorphic,
        P::Model: Send + Sync,
        Q: EntityOrSelect<P>,
        C: ConnectionTrait,
    {
        let (kind, column) = (<M::Entity as Subject<P>>::KIND, P::key());
        let wanted = key::of(column);
        let own = <M::Entity as Subject<P>>::key();
        let keys = self.iter().map(|row| key::read(row, own, &wanted));
        let keys: Vec<Option<Value>> = keys.collect();
        let asked = distinct(&keys);
        if asked.is_empty() {
            return Ok(vec![Vec::new(); self.len()]);
        }
        let query = query.select().filter(P::kind().eq(kind));
        let rows = query.filter(column.is_in(asked)).all(db).await?;
        let mut by_key: HashMap<Value, Vec<P::Model>> = HashMap::new();
        for row in rows.into_iter().filter(|row| key::is_of(row, kind)) {
            if let Some(key) = key::read(&row, column, &wanted) {
                by_key.entry(key).or_default().push(row);
            }
        }
        let found = keys.iter().map(|key| by_key.get(key.as_ref()?).cloned());
        Ok(found.map(Option::unwrap_or_default).collect())
    }
}

/// Each key once, in the order of the rows, so that the same rows make the same statement.
fn distinct(keys: &[Option<Value>]) -> Vec<Value> {
    let mut seen = HashSet::new();
    let keys = keys.iter().flatten();
    keys.filter(|key| seen.insert(*key)).cloned().collect()
}
