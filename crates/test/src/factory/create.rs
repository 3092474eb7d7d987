//! Rows of the database.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;

use atlas::db::Db;
use atlas::db::sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, EntityTrait, IntoActiveModel, Iterable, ModelTrait,
    PrimaryKeyToColumn, Value,
};

use super::Factory;

type Step<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
type Place = &'static Location<'static>;
type Before<T> = Arc<dyn for<'a> Fn(&'a mut T, &'a Db, Place) -> Step<'a> + Send + Sync>;
type After = Arc<dyn for<'a> Fn(Value, &'a Db, Place) -> Step<'a> + Send + Sync>;

/// The rows that are created with a row.
pub(super) struct Relations<T> {
    parents: Vec<Before<T>>,
    children: Vec<After>,
}

impl<T> Default for Relations<T> {
    fn default() -> Self {
        Self {
            parents: Vec::new(),
            children: Vec::new(),
        }
    }
}

impl<T> Clone for Relations<T> {
    fn clone(&self) -> Self {
        Self {
            parents: self.parents.clone(),
            children: self.children.clone(),
        }
    }
}

type Column<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;
type Model<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Model;

impl<A> Factory<A>
where
    A: ActiveModelBehavior + Send + Sync + 'static,
    Model<A>: IntoActiveModel<A> + Send + Sync,
{
    /// Inserts a row, and reads it back. Parents that it [belongs to](Self::belongs_to) are inserted before.
    ///
    /// # Panics
    /// When the database refuses it, with its words and the row.
    #[track_caller]
    pub fn create<'a>(&'a self, db: &'a Db) -> impl Future<Output = Model<A>> + Send + 'a {
        self.insert(db, Location::caller())
    }

    /// Inserts several rows, one after the other.
    ///
    /// # Panics
    /// When the database refuses one.
    #[track_caller]
    pub fn create_many(&self, db: &Db, count: usize) -> impl Future<Output = Vec<Model<A>>> + Send {
        let place = Location::caller();
        async move {
            let mut rows = Vec::with_capacity(count);
            for _ in 0..count {
                rows.push(self.insert(db, place).await);
            }
            rows
        }
    }

    /// Gives each created row a parent of its own, whose primary key goes into `column`; unless the column is set already,
    /// as `.with(|product| product.category_id = Set(tea.id))` does.
    ///
    /// [`build`](Factory::build) makes no parents: the column stays not set.
    pub fn belongs_to<P>(mut self, column: Column<A>, parent: Factory<P>) -> Self
    where
        P: ActiveModelBehavior + Send + Sync + 'static,
        Model<P>: IntoActiveModel<P> + Send + Sync,
    {
        self.relations
            .parents
            .push(Arc::new(move |row: &mut A, db: &Db, place: Place| {
                let parent = parent.clone();
                Box::pin(async move {
                    if !row.is_not_set(column) {
                        return;
                    }
                    let parent = parent.insert(db, place).await;
                    set(row, column, key::<P>(&parent), place);
                })
            }));
        self
    }

    /// Gives each created row so many children, whose `column` is its primary key.
    pub fn has_many<C>(mut self, count: usize, child: Factory<C>, column: Column<C>) -> Self
    where
        C: ActiveModelBehavior + Send + Sync + 'static,
        Model<C>: IntoActiveModel<C> + Send + Sync,
    {
        self.relations
            .children
            .push(Arc::new(move |key: Value, db: &Db, place: Place| {
                let child = child.clone();
                let child = child.with(move |row| set(row, column, key.clone(), place));
                Box::pin(async move {
                    for _ in 0..count {
                        child.insert(db, place).await;
                    }
                })
            }));
        self
    }

    /// A boxed future, since parents have parents.
    fn insert<'a>(
        &'a self,
        db: &'a Db,
        place: Place,
    ) -> Pin<Box<dyn Future<Output = Model<A>> + Send + 'a>> {
        Box::pin(async move {
            let mut row = self.build();
            for parent in &self.relations.parents {
                parent(&mut row, db, place).await;
            }
            let model = match row.clone().insert(db).await {
                Ok(model) => model,
                Err(error) => refused(&row, &atlas::db::Error::from(error), place),
            };
            for children in &self.relations.children {
                children(key::<A>(&model), db, place).await;
            }
            model
        })
    }
}

/// The primary key of a row.
fn key<A: ActiveModelTrait>(row: &Model<A>) -> Value {
    let mut keys = <A::Entity as EntityTrait>::PrimaryKey::iter();
    let key = keys.next().zip(Some(keys.next().is_none()));
    let Some((key, true)) = key else {
        no_single_key::<A>()
    };
    row.get(key.into_column())
}

#[allow(clippy::panic, reason = "a wrong factory fails the test")]
fn no_single_key<A: ActiveModelTrait>() -> ! {
    panic!(
        "the primary key of `{}` is not one column, so no row can belong to it by one; set its columns with `with`",
        std::any::type_name::<A::Entity>()
    )
}

#[allow(clippy::panic, reason = "a wrong factory fails the test")]
fn set<A: ActiveModelTrait>(row: &mut A, column: Column<A>, key: Value, place: Place) {
    if let Err(error) = row.try_set(column, key) {
        panic!(
            "`{}` cannot hold the key of the row it belongs to: {error}\n  at {place}",
            atlas::db::sea_orm::IdenStatic::as_str(&column)
        );
    }
}

#[allow(clippy::panic, reason = "a row that is refused fails the test")]
fn refused(row: &impl std::fmt::Debug, error: &atlas::db::Error, place: Place) -> ! {
    panic!("the row could not be created: {error}\n  at {place}\n  {row:?}")
}
