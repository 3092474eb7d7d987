//! What differs becomes a draft, the draft makes it go, and its way back brings it back.

use std::{fs, path::Path};

use atlas_db::{
    Db, DbConfig, Migration, Migrations, migration,
    sea_orm::{ConnectionTrait, DbBackend, Statement},
};

use super::{drafts, entities, history::Opening, models, told};
use crate::support::engines::on_every_engine;

async fn round_trip(config: &DbConfig) {
    let before = models(config, vec![migration(Opening)], entities::all());
    let told_before = told(&before).await;
    for expected in [
        "  no migration makes the table `orders`",
        "  no migration makes the table `order_lines`",
        "  column `teas.comment` is called `remark` in the entity",
        "  no migration makes the column `teas.maker`",
        "  no migration makes the column `teas.organic`",
        "  column `teas.note` is",
        "  column `teas.origin` may be null, in the entity not",
        "  column `teas.stock` has the default",
        "! the entity has no column `teas.shelf`",
        "  index `teas_by_shelf` over `teas (shelf, id)` has a column that the entity has not",
        "  no migration makes a unique index over `teas (name)`",
        "  no migration makes an index over `teas (maker)`",
        "  no migration makes the foreign key `teas (maker)` → `makers (id)`",
        "  no migration makes the foreign key `visits (maker)` → `makers (id)`",
        "  the entity has no foreign key `visits (tea)` → `teas (id)`",
        "! no entity has the table `cups`",
    ] {
        assert!(
            told_before.contains(expected),
            "{expected}\n---\n{told_before}"
        );
    }
    // one type for all whole numbers
    let whole = told_before.contains("  column `teas.price` is");
    assert_eq!(whole, !config.url.starts_with("sqlite:"), "{told_before}");
    assert_eq!(before.check().await.unwrap_err().code(), "A215");
    assert!(!told_before.contains("chalk_board"), "{told_before}");

    let backend = Db::new(config).unwrap().get_database_backend();
    let draft = before.diff().await.unwrap().draft("teas_of_makers");
    assert_eq!(
        (draft.name.as_str(), draft.type_name.as_str()),
        ("teas_of_makers", "TeasOfMakers")
    );
    agrees(backend, &draft.source);

    let both: Vec<_> = vec![migration(Opening), drafts::of(backend)];
    models(config, both, entities::all()).check().await.unwrap();
    rows_live_through_it(config, backend).await;
}

/// The draft is the file that is compiled into this test.
fn agrees(backend: DbBackend, source: &str) {
    let name = match backend {
        DbBackend::Postgres => "postgres",
        DbBackend::MySql => "mysql",
        _ => "sqlite",
    };
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/diff/drafts/{name}.draft"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&file, source).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap();
    assert_eq!(
        source,
        expected,
        "{}; `UPDATE_GOLDEN=1` rewrites it",
        file.display()
    );
}

/// Rows that are there keep what they hold, forwards and backwards.
async fn rows_live_through_it(config: &DbConfig, backend: DbBackend) {
    let db = Db::new(config).unwrap();
    let of = |all| Migrations::new(db.clone(), all).unwrap();
    of(vec![migration(Opening)]).up().await.unwrap();
    for sql in [
        "INSERT INTO makers (id, name) VALUES (5, 'Mei')",
        "INSERT INTO teas (id, name, origin, price, note, comment, shelf, code) VALUES (1, 'sencha', NULL, 450, 'cold', 'green', 'a1', 'S')",
        "INSERT INTO visits (id, tea, maker) VALUES (9, 1, 5)",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    let both: Vec<std::sync::Arc<dyn Migration>> = vec![migration(Opening), drafts::of(backend)];
    let both = of(both);
    both.up().await.unwrap();
    let text = |sql: &'static str| {
        let db = db.clone();
        async move {
            let statement = Statement::from_string(db.get_database_backend(), sql);
            let row = db.query_one_raw(statement).await.unwrap().unwrap();
            row.try_get_by_index::<String>(0).unwrap()
        }
    };
    let teas = "SELECT concat_ws(' ', name, origin, price, note, remark, stock) FROM teas";
    assert_eq!(text(teas).await, "sencha  450 cold green 7");
    assert_eq!(
        text("SELECT concat_ws(' ', tea, maker) FROM visits").await,
        "1 5"
    );
    both.down(1).await.unwrap();
    let teas = "SELECT concat_ws(' ', name, price, note, comment, stock) FROM teas";
    assert_eq!(text(teas).await, "sencha 450 cold green 7");
    db.close().await;
    let again = models(config, vec![migration(Opening)], entities::all());
    assert!(!again.diff().await.unwrap().is_empty());
}

on_every_engine! {
    async fn a_draft_closes_the_gap_and_its_way_back_opens_it(test: TestDb) {
        round_trip(&DbConfig::at(&test.url)).await;
    }
}
