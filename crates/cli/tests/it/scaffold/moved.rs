//! The shop moves from SQLite to PostgreSQL by one line of its configuration, and its tests pass there too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use atlas_cli::ops::cargo;
use atlas_servers::{Address, Kind, shared, skipped};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{stderr, stdout};

const LINE: &str = "#url = \"sqlite://data/development.sqlite\"";

/// The configuration of the shop, in a folder of its own.
struct Moved {
    folder: TempDir,
    server: Address,
    /// The database that the line names.
    name: String,
}

impl Moved {
    fn to(server: Address) -> Self {
        let folder = TempDir::new().unwrap();
        let config = shop().join("config");
        fs::create_dir(folder.path().join("config")).unwrap();
        for entry in fs::read_dir(config).unwrap() {
            let entry = entry.unwrap();
            let copy = folder.path().join("config").join(entry.file_name());
            fs::copy(entry.path(), copy).unwrap();
        }
        let name = format!("atlas_t_moved_{:x}", std::process::id());
        let path = folder.path().join("config/default.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(LINE).count(), 1, "the line is there");
        let line = format!("url = \"{}\"", server.url_of(&name));
        fs::write(&path, text.replace(LINE, &line)).unwrap();
        Self {
            folder,
            server,
            name,
        }
    }

    /// A program of the shop, which finds its configuration where it runs.
    fn run(&self, program: &Path, arguments: &[&str], servers: Option<&str>) -> Output {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.path());
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("ATLAS_DATABASE") || text == "ATLAS_TEST_DATABASE" {
                command.env_remove(&name);
            }
        }
        if let Some(url) = servers {
            command.env("ATLAS_TEST_POSTGRES_URL", url);
        }
        command.output().unwrap()
    }

    /// How many products are in the database.
    fn products(&self) -> String {
        let count = "SELECT count(*) FROM products";
        let rows = self.server.run_in(&self.name, count).unwrap();
        rows.first().unwrap().to_owned()
    }
}

fn shop() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop")
}

/// The shop, and the program of its tests over HTTP.
fn built() -> (PathBuf, PathBuf) {
    let output = cargo::command(&shop())
        .args("test --offline --package shop --no-run --message-format json".split(' '))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    let program = |kind: &str, name: &str| {
        let mut messages = text.lines().map(|it| it.parse::<Value>().unwrap());
        let found = messages.find(|it| {
            // a binary is built once more, to hold the tests in its own code
            let (target, tests) = (&it["target"], kind == "test");
            target["kind"][0] == kind
                && target["name"] == name
                && it["profile"]["test"] == tests
                && it["executable"].is_string()
        });
        PathBuf::from(found.unwrap()["executable"].as_str().unwrap())
    };
    (program("bin", "shop"), program("test", "it"))
}

#[test]
fn a_shop_moves_to_postgres_by_one_line_of_its_configuration() {
    let server = match shared(Kind::Postgres) {
        Ok(server) => server,
        Err(absent) => return skipped(&absent),
    };
    let (shop, tests) = built();
    let moved = Moved::to(server);
    let does = |arguments: &[&str]| {
        let output = moved.run(&shop, arguments, None);
        assert!(
            output.status.success(),
            "{}{}",
            stdout(&output),
            stderr(&output)
        );
        stdout(&output)
    };
    let prepared = does(&["db", "prepare"]);
    assert!(prepared.starts_with("created "), "{prepared}");
    assert_eq!(moved.products(), "9", "its products are on the server");
    does(&["migrate", "status", "--check"]);
    does(&["db", "drop", "--yes"]);
    assert!(
        !moved.folder.path().join("data").exists(),
        "no file is left of SQLite"
    );

    let http = ["catalog::", "boutique::", "cursor::"];
    let passed = moved.run(&tests, &http, None);
    let words = stdout(&passed);
    assert!(passed.status.success(), "{words}{}", stderr(&passed));
    assert!(words.contains(" passed; 0 failed"), "{words}");
    assert!(!words.contains(" 0 passed"), "{words}");
    assert!(!stderr(&passed).contains("SKIPPED"), "{}", stderr(&passed));

    // they did ask for PostgreSQL: without one that answers they fail
    let nobody = "postgres://postgres@127.0.0.1:1/postgres";
    let failed = moved.run(&tests, &http, Some(nobody));
    assert!(!failed.status.success(), "the tests ran on another engine");
    let words = format!("{}{}", stdout(&failed), stderr(&failed));
    assert!(words.contains("PostgreSQL does not work"), "{words}");
}
