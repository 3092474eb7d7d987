//! A small service: notes in a database, behind a port that a test can swap.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use atlas::config::Profile;
use atlas::db::sea_orm::ConnectionTrait;
use atlas::db::sea_orm::sea_query::{Alias, ColumnDef, Expr, ExprTrait, Query, Table};
use atlas::db::{Db, Migration, Schema, Seed};
use atlas::http::{Created, Json, NoContent, Path, Routes, State, delete, get, post};
use atlas::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) fn app() -> App {
    App::new("notes")
        .module(atlas::defaults())
        .module(atlas::db::module())
        .module(atlas::http::module())
        .module(
            Module::new("notes")
                .contribute(|| -> Arc<dyn Migration> { Arc::new(CreateNotes) })
                .contribute(seed)
                .provide(|db: Db| -> Arc<dyn Notes> { Arc::new(SqlNotes(db)) })
                .contribute(routes),
        )
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Note {
    #[garde(length(chars, min = 1, max = 20))]
    pub(crate) text: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct NoteView {
    id: i64,
    text: String,
}

pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Where notes are kept.
pub(crate) trait Notes: Send + Sync {
    fn add(&self, text: String) -> Answer<'_, i64>;
    fn find(&self, id: i64) -> Answer<'_, Option<String>>;
}

struct SqlNotes(Db);

impl Notes for SqlNotes {
    fn add(&self, text: String) -> Answer<'_, i64> {
        Box::pin(async move {
            let insert = Query::insert()
                .into_table("notes")
                .columns(["text"])
                .values_panic([text.into()])
                .take();
            self.0.execute(&insert).await.map_err(Error::internal)?;
            let last = Query::select()
                .expr(Expr::col("id").max())
                .from("notes")
                .take();
            let row = self.0.query_one(&last).await.map_err(Error::internal)?;
            let row = row.ok_or_else(|| Error::internal("no row came back"))?;
            let id: i32 = row.try_get_by_index(0).map_err(Error::internal)?;
            Ok(i64::from(id))
        })
    }

    fn find(&self, id: i64) -> Answer<'_, Option<String>> {
        Box::pin(async move {
            let select = Query::select()
                .column("text")
                .from("notes")
                .and_where(Expr::col("id").eq(id))
                .take();
            let row = self.0.query_one(&select).await.map_err(Error::internal)?;
            row.map(|row| row.try_get_by_index(0))
                .transpose()
                .map_err(Error::internal)
        })
    }
}

type Store = Arc<dyn Notes>;

fn routes(notes: Store) -> Routes {
    Routes::new("/notes")
        .route("/", post(create))
        .route("/{id}", get(show))
        .route("/{id}/pin", delete(unpin))
        .with_state(notes)
}

async fn create(
    State(notes): State<Store>,
    Json(note): Json<Note>,
) -> atlas::http::Result<Created<NoteView>> {
    let id = notes.add(note.text.clone()).await?;
    tracing::info!(id, "a note was taken");
    Ok(Created::at(
        format!("/notes/{id}"),
        NoteView {
            id,
            text: note.text,
        },
    ))
}

async fn show(
    State(notes): State<Store>,
    Path(id): Path<i64>,
) -> atlas::http::Result<Json<NoteView>> {
    let text = notes.find(id).await?;
    let text =
        text.ok_or_else(|| Error::not_found("note_not_found", format!("there is no note {id}")))?;
    Ok(Json(NoteView { id, text }))
}

async fn unpin(Path(_): Path<i64>) -> NoContent {
    NoContent
}

fn seed() -> Seed {
    Seed::new("notes", [Profile::Test], |db| async move {
        // the first row of a table: its id is 1 on every engine
        let sql =
            "INSERT INTO notes (text) SELECT 'buy tea' WHERE NOT EXISTS (SELECT 1 FROM notes)";
        db.execute_unprepared(sql).await.map(drop)
    })
}

struct CreateNotes;

impl Migration for CreateNotes {
    fn name(&self) -> &'static str {
        "m20261122_000001_create_notes"
    }

    fn up(&self, schema: &mut Schema) {
        let column = |name: &'static str| ColumnDef::new(Alias::new(name));
        schema.execute(
            Table::create()
                .table(Alias::new("notes"))
                .col(
                    column("id")
                        .integer()
                        .not_null()
                        .auto_increment()
                        .primary_key(),
                )
                .col(column("text").text().not_null()),
        );
    }

    fn down(&self, schema: &mut Schema) {
        schema.drop_table(Alias::new("notes"));
    }
}
