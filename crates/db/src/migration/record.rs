//! The table that remembers which migrations were applied.

use sea_orm::{
    ActiveValue::Set,
    entity::prelude::*,
    sea_query::{Alias, ColumnDef, Table},
};

use crate::{Db, Error};

pub(super) const TABLE: &str = "atlas_migrations";

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "atlas_migrations")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) name: String,
    pub(super) applied_at: DateTimeUtc,
    pub(super) duration_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Makes the table unless it is there.
pub(super) async fn create_table(db: &Db) -> Result<(), Error> {
    let mut table = Table::create();
    table
        .table(Alias::new(TABLE))
        .if_not_exists()
        .col(
            ColumnDef::new(Column::Name)
                .string_len(255)
                .not_null()
                .primary_key(),
        )
        .col(
            ColumnDef::new(Column::AppliedAt)
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(ColumnDef::new(Column::DurationMs).big_integer().not_null());
    db.execute(&table).await?;
    Ok(())
}

/// All records by name; none when the table is not there yet.
pub(super) async fn all(db: &Db) -> Result<Vec<Model>, Error> {
    if !db.0.engine.has_table(TABLE).await? {
        return Ok(Vec::new());
    }
    use sea_orm::QueryOrder;
    Ok(Entity::find().order_by_asc(Column::Name).all(db).await?)
}

/// Says whether a migration is recorded.
pub(super) async fn exists(db: &Db, name: &str) -> Result<bool, Error> {
    Ok(Entity::find_by_id(name).one(db).await?.is_some())
}

/// Records a migration as applied now.
pub(super) async fn add(db: &Db, name: &str, duration_ms: i64) -> Result<(), Error> {
    let record = ActiveModel {
        name: Set(name.to_owned()),
        applied_at: Set(ChronoUtc::now()),
        duration_ms: Set(duration_ms),
    };
    Entity::insert(record).exec_without_returning(db).await?;
    Ok(())
}

/// Forgets a migration that was taken back.
pub(super) async fn remove(db: &Db, name: &str) -> Result<(), Error> {
    Entity::delete_by_id(name).exec(db).await?;
    Ok(())
}
