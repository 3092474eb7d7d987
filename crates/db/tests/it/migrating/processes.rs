//! Real processes that migrate one database: this test binary, run again.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use atlas_db::{
    Db, DbConfig, Engine, Migration, MigrationState, Migrations, Schema,
    migration::{Settled, migration},
    sea_orm::ConnectionTrait,
};

use super::{all, create, number, undoes};
use crate::support::engines::on_every_engine;

const URL: &str = "ATLAS_DB_TEST_MIGRATE_URL";
const STALL: &str = "ATLAS_DB_TEST_STALL";

struct Numbered(&'static str, &'static str);

impl Migration for Numbered {
    fn name(&self) -> &'static str {
        self.0
    }

    fn up(&self, schema: &mut Schema) {
        create(schema, self.1);
        let insert = format!("INSERT INTO {} VALUES (1)", self.1);
        schema.run(move |db| async move {
            db.execute_unprepared(&insert).await?;
            Ok(())
        });
    }

    fn down(&self, schema: &mut Schema) {
        schema.drop_table(self.1);
    }
}

/// Says that it runs, then never ends.
struct Stalling;

impl Migration for Stalling {
    fn name(&self) -> &'static str {
        "m2"
    }

    fn up(&self, schema: &mut Schema) {
        let stalls = env::var_os(STALL).is_some();
        create(schema, "b");
        schema.run(move |_| async move {
            if stalls {
                say("stalled");
                std::future::pending::<()>().await;
            }
            Ok(())
        });
    }

    fn down(&self, schema: &mut Schema) {
        schema.drop_table("b");
    }
}

fn known(db: &Db) -> Migrations {
    let known: Vec<Arc<dyn Migration>> = vec![
        migration(Numbered("m1", "a")),
        migration(Stalling),
        migration(Numbered("m3", "c")),
    ];
    Migrations::new(db.clone(), known).unwrap()
}

#[allow(clippy::print_stdout, reason = "the parent reads it")]
fn say(words: &str) {
    println!("\n{words}");
}

/// What each of the processes does; on its own, it migrates a database of its own.
#[tokio::test]
async fn a_process_that_migrates() {
    let folder = tempfile::TempDir::new().unwrap();
    let own = format!("sqlite://{}", folder.path().join("own.sqlite").display());
    let url = env::var(URL).unwrap_or(own);
    let db = Db::new(&DbConfig::at(url)).unwrap();
    let applied = known(&db).up().await;
    match applied {
        Ok(names) => say(&format!("applied {}", names.len())),
        Err(error) => say(&format!("failed {error}")),
    }
    known(&db).check().await.unwrap();
    db.close().await;
}

fn start(url: &str, stall: bool) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "migrating::processes::a_process_that_migrates",
            "--nocapture",
        ])
        .env(URL, url)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if stall {
        command.env(STALL, "1");
    }
    command.spawn().unwrap()
}

/// Reads what a process says until a line begins so; the rest of that line.
fn wait_for(child: &mut Child, beginning: &str) -> String {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let found = lines.find_map(|line| line.unwrap().strip_prefix(beginning).map(str::to_owned));
    found.expect("the process says it before it ends")
}

on_every_engine! {
    async fn ten_processes_at_once_apply_each_migration_once(test: TestDb) {
        let children: Vec<_> = (0..10).map(|_| start(&test.url, false)).collect();
        let mut applied = Vec::new();
        for child in children {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success(), "{said}");
            let count = said.lines().find_map(|line| line.strip_prefix("applied "));
            applied.push(count.unwrap().parse::<usize>().unwrap());
        }
        applied.sort_unstable();
        assert_eq!(applied, [0, 0, 0, 0, 0, 0, 0, 0, 0, 3], "one of them has done it all");
        for table in ["a", "c"] {
            assert_eq!(number(&test.db, &format!("SELECT count(*) FROM {table}")).await, 1);
        }
        assert_eq!(number(&test.db, "SELECT count(*) FROM atlas_migrations").await, 3);
    }

    async fn a_migrator_that_was_killed_holds_up_nobody(test: TestDb) {
        let mut victim = start(&test.url, true);
        wait_for(&mut victim, "stalled");
        victim.kill().unwrap();
        victim.wait().unwrap();
        let migrations = known(&test.db);
        if !undoes(&test.db) {
            let error = migrations.up().await.unwrap_err();
            assert_eq!(error.code(), "A212", "nobody knows how far it came: {error}");
            assert_eq!(all(&migrations, MigrationState::Dirty).await, ["m2"]);
            test.db.execute_unprepared("DROP TABLE b").await.unwrap();
            migrations.settle("m2", Settled::Pending).await.unwrap();
        }
        assert_eq!(migrations.up().await.unwrap(), ["m2", "m3"]);
        if test.engine == Engine::Sqlite {
            let file = test.url.replace("sqlite://", "") + "-migrate";
            assert!(!std::path::Path::new(&file).exists(), "its lock file is gone too");
        }
    }
}
