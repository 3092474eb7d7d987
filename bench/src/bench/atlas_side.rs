//! The repository as a service of Atlas has it.

use anyhow::{Result, ensure};
use atlas::db::{
    Db,
    sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect},
};

use crate::{LIST, Side};

mod item {
    use atlas::db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "items")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: i64,
        pub(super) name: String,
        pub(super) price: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Items through SeaORM on a handle of Atlas.
#[derive(Clone)]
pub(crate) struct Repository {
    db: Db,
}

impl Repository {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }
}

impl Side for Repository {
    async fn read(&self, id: i64) -> Result<()> {
        let found = item::Entity::find_by_id(id).one(&self.db).await?;
        ensure!(found.is_some_and(|item| item.id == id));
        Ok(())
    }

    async fn insert(&self, id: i64) -> Result<()> {
        let row = item::ActiveModel {
            id: Set(id),
            name: Set(format!("item {id}")),
            price: Set(id % 997),
        };
        item::Entity::insert(row)
            .exec_without_returning(&self.db)
            .await?;
        Ok(())
    }

    async fn list(&self, after: i64) -> Result<()> {
        let rows = item::Entity::find()
            .filter(item::Column::Id.gt(after))
            .order_by_asc(item::Column::Id)
            .limit(LIST)
            .all(&self.db)
            .await?;
        ensure!(!rows.is_empty());
        Ok(())
    }

    async fn update(&self, id: i64, price: i64) -> Result<()> {
        let done = item::Entity::update_many()
            .col_expr(item::Column::Price, price.into())
            .filter(item::Column::Id.eq(id))
            .exec(&self.db)
            .await?;
        ensure!(done.rows_affected == 1);
        Ok(())
    }
}
