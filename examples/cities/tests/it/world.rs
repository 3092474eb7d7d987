//! All cities of the world, when `get-data.sh` has brought them.

use std::path::Path;

use atlas::db::{
    Db, Engine,
    sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter},
};
use atlas_test::TestApp;
use cities::{city, seeds};

/// Fewer would say nothing about many.
const MANY: u64 = 100_000;

macro_rules! on_every_engine {
    ($($name:ident $engine:ident),+) => {$(
        #[test]
        fn $name() {
            let app = TestApp::builder(cities::app()).database(Engine::$engine);
            atlas_test::run(app, the_world_is_loaded_once);
        }
    )+};
}

on_every_engine!(sqlite Sqlite, postgres Postgres, mariadb MariaDb, mysql MySql);

#[allow(clippy::print_stderr, reason = "a skip has to be seen")]
async fn the_world_is_loaded_once(app: &TestApp) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    if !data.exists() {
        eprintln!("SKIPPED: the cities of the world are not here: sh examples/cities/get-data.sh");
        return;
    }
    let db: Db = app.component();
    // the cities of the sample are among them
    let first = seeds::plant(&db, &data).await.unwrap();
    assert!(first.inserted >= MANY, "{first:?}");
    let again = seeds::plant(&db, &data).await.unwrap();
    assert_eq!((again.inserted, again.updated), (0, 0), "{again:?}");
    assert_eq!(again.unchanged, first.total());
    let known = city::Entity::find().count(&db).await.unwrap();
    assert_eq!(known, first.total());
    let largest = app.get("/countries/IS/cities").await.ok().value()[0]["name"].clone();
    assert_eq!(largest, "Reykjavík");
    let foreign = city::Entity::find().filter(city::Column::CountryCode.eq("JP"));
    assert!(foreign.count(&db).await.unwrap() > 500);
}
