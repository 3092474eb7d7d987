//! Tests of databases as runners run them: many in one process, or each in one of its own; failing, and killed.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use atlas::db::sea_orm::{ConnectionTrait, Statement};
use atlas::db::{Db, DbConfig, Engine, Migration, Schema};
use atlas_test::servers::{Kind, Server, skipped};
use atlas_test::{TestApp, TestDatabase};
use serde_json::json;
use tempfile::TempDir;

use crate::notes;

/// Tests that others run, on whatever engine `ATLAS_TEST_DATABASE` names.
mod suite {
    use super::*;

    /// Whoever begins with an empty table gets the second id: the first one is the seed's.
    async fn takes_one_note() {
        let app = TestApp::start(notes::app()).await;
        let note = json!({ "text": "mine" });
        assert_eq!(app.post("/notes", note).await.created().id(), "2");
        app.stop().await;
    }

    macro_rules! tests {
        ($($name:ident)+) => {$(
            #[tokio::test]
            async fn $name() {
                takes_one_note().await;
            }
        )+};
    }

    tests! { one two three four five six }
}

/// The engine that the process is for.
fn engine() -> Engine {
    match std::env::var("ATLAS_TEST_DATABASE").as_deref() {
        Ok("postgres") => Engine::Postgres,
        Ok("mariadb") => Engine::MariaDb,
        Ok("mysql") => Engine::MySql,
        _ => Engine::Sqlite,
    }
}

/// Ends without a farewell only when a test below runs it for that.
#[tokio::test]
async fn a_test_that_may_be_killed() {
    let app = TestApp::start(notes::app()).await;
    app.get("/notes/1").await.ok();
    if std::env::var_os("ATLAS_TEST_ABORT").is_some() {
        std::process::abort();
    }
}

struct Other;

impl Migration for Other {
    fn name(&self) -> &'static str {
        "m20261122_000001_other"
    }

    fn up(&self, schema: &mut Schema) {
        schema.sql("CREATE TABLE other (n INT)");
    }

    fn down(&self, schema: &mut Schema) {
        schema.sql("DROP TABLE other");
    }
}

#[tokio::test]
async fn a_test_with_another_schema() {
    let migrations: Vec<Arc<dyn Migration>> = vec![Arc::new(Other)];
    match TestDatabase::fresh(engine(), migrations).await {
        Ok(test) => test.remove().await,
        Err(absent) => skipped(&absent),
    }
}

/// A server of our own, and a place for notes about it.
struct Machine {
    kind: Kind,
    server: Server,
    notes: TempDir,
}

impl Machine {
    fn new(kind: Kind) -> Option<Self> {
        match Server::start(kind) {
            Ok(server) => Some(Self {
                kind,
                server,
                notes: TempDir::new().unwrap(),
            }),
            Err(absent) => {
                skipped(&absent);
                None
            }
        }
    }

    /// This very program, running some of its tests on the server.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let variable = format!("ATLAS_TEST_{}_URL", self.kind.word().to_uppercase());
        command
            .args(arguments)
            .env("ATLAS_TEST_DATABASE", self.kind.word())
            .env(variable, self.server.admin_url())
            .env("ATLAS_TEST_SERVERS", self.notes.path())
            .env_remove("ATLAS_TEST_FAIL")
            .env_remove("ATLAS_TEST_ABORT")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn start(&self, test: &str) -> Child {
        self.command(&["--exact", test]).spawn().unwrap()
    }

    /// How many databases there are whose names begin so.
    fn count(&self, prefix: &str) -> usize {
        let sql = match self.kind {
            Kind::Postgres => "SELECT datname FROM pg_database",
            _ => "SHOW DATABASES",
        };
        let rows = self.server.run(sql).unwrap().0;
        let names = rows.iter().filter_map(|row| row[0].as_deref());
        names.filter(|name| name.starts_with(prefix)).count()
    }
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

fn on_each_server(test: impl Fn(Machine)) {
    for kind in Kind::DATABASES {
        if let Some(machine) = Machine::new(kind) {
            test(machine);
        }
    }
}

const SUITE: [&str; 6] = ["one", "two", "three", "four", "five", "six"];

#[test]
fn a_suite_passes_in_one_process_and_in_one_for_each_test_at_the_same_time() {
    on_each_server(|machine| {
        // as `cargo test` does
        let threads = machine
            .command(&["processes::suite::", "--test-threads", "4"])
            .spawn()
            .unwrap();
        // as nextest does
        let mut all: Vec<_> = SUITE
            .iter()
            .map(|name| machine.start(&format!("processes::suite::{name}")))
            .collect();
        all.push(threads);
        for child in all {
            let output = child.wait_with_output().unwrap();
            let text = said(&output);
            assert!(output.status.success(), "{}\n{text}", machine.kind);
            assert!(
                text.contains("1 passed") || text.contains("6 passed"),
                "{text}"
            );
        }
        assert_eq!(machine.count("atlas_test_"), 0, "all are dropped");
        assert_eq!(machine.count("atlas_template_"), 1, "all are copies of one");
    });
}

#[test]
fn the_database_of_a_failed_test_is_kept_and_the_way_into_it_is_said() {
    on_each_server(|machine| {
        let mut failing = machine.command(&["--exact", "failure::a_test_with_a_database"]);
        let output = failing.env("ATLAS_TEST_FAIL", "1").output().unwrap();
        let text = said(&output);
        assert!(!output.status.success(), "{text}");
        let (_, command) = text.split_once("is kept: ").expect(&text);
        let command = command.lines().next().unwrap();
        let start = command.find("atlas_test_").expect(command);
        let name = command[start..].trim_end_matches('\'');
        let program = match machine.kind {
            Kind::Postgres => "psql -h ",
            Kind::MariaDb => "mariadb -h 127.0.0.1 -P ",
            _ => "mysql -h 127.0.0.1 -P ",
        };
        assert!(command.starts_with(program), "{command}");
        let address = machine.server.address();
        let rows = address.run_in(name, "SELECT text FROM notes").unwrap();
        assert_eq!(rows.first(), Some("buy tea"));

        // later tests leave it alone
        let output = machine.start("processes::a_test_that_may_be_killed");
        assert!(output.wait_with_output().unwrap().status.success());
        assert_eq!(machine.count("atlas_test_"), 1);
    });
}

#[test]
fn what_a_killed_test_has_left_is_swept_by_a_later_one() {
    on_each_server(|machine| {
        let test = "processes::a_test_that_may_be_killed";
        let mut killed = machine.command(&["--exact", test]);
        let output = killed.env("ATLAS_TEST_ABORT", "1").output().unwrap();
        assert!(!output.status.success());
        assert_eq!(machine.count("atlas_test_"), 1, "{}", said(&output));
        let output = machine.start(test).wait_with_output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        assert_eq!(machine.count("atlas_test_"), 0);
    });
}

#[test]
fn a_template_that_nobody_uses_any_more_is_removed() {
    on_each_server(|machine| {
        let run = |test: &str| {
            let output = machine.start(test).wait_with_output().unwrap();
            assert!(output.status.success(), "{}", said(&output));
        };
        run("processes::a_test_that_may_be_killed");
        assert_eq!(machine.count("atlas_template_"), 1);
        let long_ago = SystemTime::now() - Duration::from_secs(24 * 60 * 60);
        assert_eq!(touch(machine.notes.path(), long_ago), 1);
        run("processes::a_test_with_another_schema");
        assert_eq!(machine.count("atlas_template_"), 1);
        // and whoever needs it again makes it again, also when only the notes still know it
        run("processes::a_test_that_may_be_killed");
        assert_eq!(machine.count("atlas_template_"), 2);
    });
}

/// Gives the notes of templates another time; how many there are.
fn touch(folder: &Path, time: SystemTime) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            count += touch(&path, time);
        } else if path.extension().is_some_and(|it| it == "ready") {
            let file = std::fs::File::options().append(true).open(&path).unwrap();
            file.set_modified(time).unwrap();
            count += 1;
        }
    }
    count
}

#[test]
fn a_template_that_its_server_has_lost_is_made_again() {
    on_each_server(|machine| {
        let test = "processes::a_test_that_may_be_killed";
        let output = machine.start(test).wait_with_output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let find = match machine.kind {
            Kind::Postgres => {
                "SELECT datname FROM pg_database WHERE datname LIKE 'atlas_template_%'"
            }
            _ => "SHOW DATABASES LIKE 'atlas_template_%'",
        };
        let rows = machine.server.run(find).unwrap();
        let name = rows.first().unwrap();
        machine
            .server
            .run(&format!("DROP DATABASE {name}"))
            .unwrap();
        let output = machine.start(test).wait_with_output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        assert_eq!(machine.count("atlas_template_"), 1);
    });
}

#[tokio::test]
async fn without_a_server_a_test_of_an_app_says_what_is_missing() {
    let nothing = TempDir::new().unwrap();
    let folder = TempDir::new().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "processes::suite::one"])
        .env("ATLAS_TEST_DATABASE", "postgres")
        .env("ATLAS_TEST_POSTGRES_BIN", nothing.path())
        .env("PATH", nothing.path())
        .env("ATLAS_TEST_SERVERS", folder.path())
        .env_remove("ATLAS_TEST_POSTGRES_URL");
    let output = command.output().unwrap();
    let text = said(&output);
    assert!(!output.status.success(), "{text}");
    assert!(text.contains("no PostgreSQL: "), "{text}");
    assert!(text.contains("apt-get install postgresql"), "{text}");

    command.env("ATLAS_TEST_DATABASE", "oracle");
    let output = command.output().unwrap();
    let text = said(&output);
    assert!(
        text.contains("`ATLAS_TEST_DATABASE` is `oracle`, not `sqlite`"),
        "{text}"
    );
}

/// The handle that a test without an app has works like any other.
#[tokio::test]
async fn a_database_without_an_app_counts() {
    let test = TestDatabase::fresh(Engine::Sqlite, vec![Arc::new(Other)])
        .await
        .unwrap();
    let other = Db::new(&DbConfig {
        max_connections: 2,
        ..test.config()
    })
    .unwrap();
    test.db()
        .execute_unprepared("INSERT INTO other VALUES (1)")
        .await
        .unwrap();
    let count = Statement::from_string(other.get_database_backend(), "SELECT count(*) FROM other");
    let row = other.query_one_raw(count).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 1);
    assert!(test.shell().starts_with("sqlite3 /"));
    other.close().await;
    test.remove().await;
}
