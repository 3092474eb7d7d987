//! A database in a folder of its own, with one table of notes.

pub(crate) mod engines;

use std::{fs, path::Path};

use atlas_config::Duration;
use atlas_db::{Db, DbConfig, sea_orm::ConnectionTrait};
use tempfile::TempDir;

pub(crate) mod note {
    use atlas_db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Deserialize)]
    #[sea_orm(table_name = "notes")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        #[sea_orm(unique)]
        pub(crate) words: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    /// Makes the table, and one whose rows refer to it.
    pub(crate) async fn create(db: &atlas_db::Db) {
        use atlas_db::sea_orm::sea_query::{ColumnDef, ForeignKey, Table};
        let notes = Table::create()
            .table("notes")
            .col(ColumnDef::new("id").big_integer().not_null().primary_key())
            .col(ColumnDef::new("words").string().not_null().unique_key())
            .take();
        let replies = Table::create()
            .table("replies")
            .col(ColumnDef::new("note").big_integer().not_null())
            .foreign_key(
                ForeignKey::create()
                    .from("replies", "note")
                    .to("notes", "id"),
            )
            .take();
        db.execute(&notes).await.unwrap();
        db.execute(&replies).await.unwrap();
    }
}

/// A folder that goes away with it, and the file in it.
pub(crate) struct Place(pub(crate) TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}", self.file().display())
    }

    pub(crate) fn file(&self) -> std::path::PathBuf {
        self.0.path().join("notes.sqlite")
    }

    /// A handle of its own, as another process would have.
    pub(crate) fn db(&self) -> Db {
        Db::new(&DbConfig::at(self.url())).unwrap()
    }

    /// A handle that does not wait long.
    pub(crate) fn impatient(&self) -> Db {
        let wait = Duration::from_millis(50);
        let config = DbConfig {
            acquire_timeout: wait,
            lock_timeout: wait,
            ..DbConfig::at(self.url())
        };
        Db::new(&config).unwrap()
    }

    pub(crate) async fn with_notes() -> (Self, Db) {
        let place = Self::new();
        let db = place.db();
        db.execute_unprepared(
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT NOT NULL UNIQUE); \
             CREATE TABLE replies (note INTEGER NOT NULL REFERENCES notes (id))",
        )
        .await
        .unwrap();
        (place, db)
    }
}

pub(crate) async fn write(db: &Db, id: i64) -> Result<(), atlas_db::Error> {
    db.execute_unprepared(&format!("INSERT INTO notes VALUES ({id}, 'note {id}')"))
        .await?;
    Ok(())
}

pub(crate) async fn ids(db: &Db) -> Vec<i64> {
    use atlas_db::sea_orm::{EntityTrait, QueryOrder};
    let notes = note::Entity::find()
        .order_by_asc(note::Column::Id)
        .all(db)
        .await
        .unwrap();
    notes.into_iter().map(|note| note.id).collect()
}

/// The first column of the first row.
pub(crate) async fn value(db: &impl ConnectionTrait, sql: &str) -> String {
    use atlas_db::sea_orm::Statement;
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap()
        .unwrap();
    row.try_get_by_index::<String>(0)
        .or_else(|_| row.try_get_by_index::<i64>(0).map(|it| it.to_string()))
        .or_else(|_| row.try_get_by_index::<i32>(0).map(|it| it.to_string()))
        .unwrap()
}

/// Compares words with a golden file, the place of the test's folder aside; `UPDATE_GOLDEN=1` rewrites it.
#[track_caller]
pub(crate) fn golden(name: &str, words: &str, folder: &Path) {
    let words = words.replace(&folder.display().to_string(), "<folder>");
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/golden")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, format!("{words}\n")).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        words.trim_end(),
        expected.trim_end(),
        "differs from {}",
        path.display()
    );
}
