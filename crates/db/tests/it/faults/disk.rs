//! A disk without room for more.

use std::{
    env,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use atlas_core::Kind;
use atlas_db::{Db, DbConfig, Error, sea_orm::ConnectionTrait};
use tempfile::TempDir;

use crate::support::{Place, ids, note, value, write};

/// The folder of the process that [`a_process_on_a_small_disk`] is, run again.
const SMALL_DISK: &str = "ATLAS_DB_TEST_SMALL_DISK";

/// The same, where only its files are small.
const SMALL_FILES: &str = "ATLAS_DB_TEST_SMALL_FILES";

/// Becomes another program, with a file system of one megabyte in a folder that nobody else sees.
const WITH_DISK: &str = r#"mount -t tmpfs -o size=1m none "$0" && exec "$@""#;

/// A program that runs with a small disk in this folder, where the system lets us mount one.
fn on_small_disk(folder: &Path, program: &Path) -> Option<Command> {
    let ways: [&[&str]; 2] = [&["--mount"], &["--mount", "--user", "--map-root-user"]];
    let command = |way: &[&str], program: &Path| {
        let mut command = Command::new("unshare");
        command.args(way).args(["sh", "-c", WITH_DISK]);
        command.arg(folder).arg(program);
        command
    };
    let mut ways = ways.into_iter();
    let way = ways.find(|way| {
        let tried = command(way, "true".as_ref()).output();
        tried.is_ok_and(|output| output.status.success())
    });
    way.map(|way| command(way, program))
}

#[test]
fn a_file_system_that_is_really_full_is_survived() {
    let folder = TempDir::new().unwrap();
    let Some(mut command) = on_small_disk(folder.path(), &env::current_exe().unwrap()) else {
        // past the harness, which keeps to itself what a passing test prints
        writeln!(
            std::io::stderr(),
            "SKIPPED: `a_file_system_that_is_really_full_is_survived`: nothing can be mounted here\n  \
             help: run the tests as root, or where users may have name spaces of their own"
        )
        .unwrap();
        return;
    };
    survives(command.args(PROCESS).env(SMALL_DISK, folder.path()));
}

/// Files that may not grow, as under a quota, need no right of ours: a write past the limit is an error of the system.
#[test]
fn a_file_that_may_not_grow_is_survived() {
    let folder = TempDir::new().unwrap();
    let mut command = Command::new("sh");
    command
        .args(["-c", r#"trap '' XFSZ; ulimit -f 800; exec "$0" "$@""#])
        .arg(env::current_exe().unwrap())
        .args(PROCESS)
        .env(SMALL_FILES, folder.path());
    survives(&mut command);
}

/// Runs the process below.
const PROCESS: [&str; 3] = [
    "--exact",
    "faults::disk::a_process_on_a_small_disk",
    "--nocapture",
];

fn survives(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    assert!(said.contains("1 passed"), "{said}");
    assert!(said.contains("nothing more could be written"), "{said}");
}

/// What that process does; on its own it has a disk with room enough, and so nothing to see.
#[tokio::test]
async fn a_process_on_a_small_disk() {
    let disk = env::var_os(SMALL_DISK);
    let is_full = disk.is_some();
    let Some(folder) = disk.or_else(|| env::var_os(SMALL_FILES)).map(PathBuf::from) else {
        return;
    };
    let ballast = folder.join("ballast");
    std::fs::write(&ballast, vec![1; 300 * 1024]).unwrap();
    let url = format!("sqlite://{}", folder.join("test.sqlite").display());
    let db = Db::new(&DbConfig::at(url)).unwrap();
    note::create(&db).await;
    write(&db, 1).await.unwrap();

    let error = db.transaction(|| fill(&db, 100_000)).await.unwrap_err();
    assert_eq!(error.is_full(), is_full, "{error}");
    assert!(!error.is_misuse(), "{error}");
    say(&format!("nothing more could be written: {error}"));
    let error = atlas_core::Error::from(error);
    let code = if is_full { "database_full" } else { "database" };
    assert_eq!(error.code(), code);
    assert_eq!(
        ids(&db).await,
        [1],
        "nothing of it is there, and what was there is"
    );

    std::fs::remove_file(&ballast).unwrap();
    write(&db, 2).await.unwrap();
    assert_eq!(ids(&db).await, [1, 2]);
    assert_eq!(value(&db, "PRAGMA integrity_check").await, "ok");
    db.close().await;
}

#[allow(clippy::print_stdout, reason = "the parent reads it")]
fn say(words: &str) {
    println!("\n{words}");
}

/// Writes rows of a kilobyte.
async fn fill(db: &Db, rows: u32) -> Result<(), Error> {
    for id in 2..rows {
        let words = format!("{id} {}", "long ".repeat(200));
        let sql = format!("INSERT INTO notes VALUES ({id}, '{words}')");
        db.execute_unprepared(&sql).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_full_disk_undoes_the_transaction_and_is_named() {
    let (_place, db) = Place::with_notes().await;
    full(&db).await;
}

#[tokio::test]
async fn a_database_in_memory_outlives_its_lack_of_room() {
    let db = Db::new(&DbConfig::at("sqlite::memory:")).unwrap();
    note::create(&db).await;
    full(&db).await;
}

/// SQLite's own limit on the size of a file fails as a full disk does, with the same code.
async fn full(db: &Db) {
    write(db, 1).await.unwrap();
    let pages: u32 = value(db, "PRAGMA page_count").await.parse().unwrap();
    db.execute_unprepared(&format!("PRAGMA max_page_count = {}", pages + 2))
        .await
        .unwrap();
    let fill = || fill(db, 1000);
    // the engine has undone the transaction when its caller goes away
    let left = db.transaction(|| async {
        fill().await.unwrap_err();
        std::future::pending::<Result<(), Error>>().await
    });
    let left = tokio::time::timeout(std::time::Duration::from_millis(200), left).await;
    assert!(left.is_err());
    let filled = db.transaction(fill).await;
    let error = filled.unwrap_err();
    assert!(error.is_full(), "{error}");
    assert_eq!(error.to_string(), "database or disk is full");
    let error = atlas_core::Error::from(error);
    assert_eq!(
        (error.kind(), error.code()),
        (Kind::Unavailable, "database_full")
    );

    assert_eq!(ids(db).await, [1], "nothing of it is there");
    assert!(!db.in_transaction());
    // readers go on, and writers as soon as there is room
    db.execute_unprepared("PRAGMA max_page_count = 100000")
        .await
        .unwrap();
    let after: Result<(), Error> = db
        .transaction(|| async {
            write(db, 2).await?;
            db.transaction(|| write(db, 3)).await
        })
        .await;
    after.unwrap();
    assert_eq!(ids(db).await, [1, 2, 3]);
}
