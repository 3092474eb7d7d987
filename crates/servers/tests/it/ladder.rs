//! Which server is taken. Each case is a process of its own, with an environment made for it.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use atlas_servers::{Kind, Server, skipped};
use tempfile::TempDir;

use crate::machine::{Machine, script};

#[test]
fn a_machine_without_servers_says_so_counts_it_and_goes_on() {
    let count = TempDir::new().unwrap();
    let count = count.path().join("skips");
    for _ in 0..2 {
        let machine = Machine::bare("postgres").env("ATLAS_TEST_SKIPS", &count);
        fs::create_dir_all(count.parent().unwrap()).unwrap();
        let (text, succeeded, _) = machine.start().end();
        assert!(succeeded, "{text}");
        for part in [
            "absent no PostgreSQL: `ATLAS_TEST_POSTGRES_URL` is not set",
            "`postgres` and `initdb` are not installed",
            "`docker` is not installed",
            "SKIPPED: ",
            "help: on Debian `apt-get install postgresql`",
        ] {
            assert!(text.contains(part), "no {part:?} in\n{text}");
        }
    }
    let counted = fs::read_to_string(&count).unwrap();
    assert_eq!(counted.lines().count(), 2, "{counted}");
    assert!(counted.starts_with("postgres\t"), "{counted}");
}

#[test]
fn a_server_that_is_required_is_a_failure_when_it_is_absent() {
    let required = |kind: &str| {
        let machine = Machine::bare(kind).env("ATLAS_TEST_REQUIRE", "postgres,mariadb");
        let (text, succeeded, _) = machine.start().end();
        (text, succeeded)
    };
    for kind in ["postgres", "mariadb"] {
        let (text, succeeded) = required(kind);
        assert!(!succeeded, "{text}");
        assert!(
            text.contains("`ATLAS_TEST_REQUIRE` says that it must be here"),
            "{text}"
        );
    }
    let (text, succeeded) = required("mysql");
    assert!(succeeded, "{text}");
}

#[test]
fn a_url_wins_over_programs_and_a_wrong_one_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let there = listener.local_addr().unwrap();
    let url = format!("postgres://me:secret@{there}/shop?sslmode=disable");
    // programs that would fail
    let machine = Machine::bare("postgres").env("ATLAS_TEST_POSTGRES_URL", &url);
    let (text, succeeded, _) = machine.start().end();
    assert!(succeeded, "{text}");
    assert_eq!(text.lines().next(), Some(&*format!("there {url}")));

    // a port that was free a moment ago
    drop(listener);
    for (url, why) in [
        (url.as_str(), "nothing listens on"),
        (
            "mysql://root@127.0.0.1/x",
            "`mysql` is not a scheme of PostgreSQL",
        ),
        ("127.0.0.1:5432", "it has no scheme"),
        ("postgres://me@127.0.0.1:http/x", "`http` is not a port"),
        ("postgres:///x", "it names no host"),
    ] {
        let machine = Machine::bare("postgres").env("ATLAS_TEST_POSTGRES_URL", url);
        let (text, succeeded, _) = machine.start().end();
        assert!(!succeeded, "{url} is no reason to skip: {text}");
        let expected = format!("PostgreSQL does not work: `ATLAS_TEST_POSTGRES_URL`: {why}");
        assert!(text.contains(&expected), "no {expected:?} in\n{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}

#[test]
fn programs_that_do_not_work_are_an_error() {
    let machine = Machine::bare("postgres");
    let folder = machine.folder.path().join("broken");
    fs::create_dir(&folder).unwrap();
    script(&folder.join("postgres"), "#!/bin/sh\necho postgres 0\n");
    script(
        &folder.join("initdb"),
        "#!/bin/sh\necho no room >&2; exit 1\n",
    );
    let machine = machine.env("ATLAS_TEST_POSTGRES_BIN", &folder);
    let (text, succeeded, _) = machine.start().end();
    assert!(!succeeded, "{text}");
    assert!(text.contains("PostgreSQL does not work"), "{text}");
    assert!(text.contains("no room"), "{text}");
}

#[test]
fn programs_are_started_shared_and_gone_when_nobody_uses_them() {
    if let Err(absent) = Server::start(Kind::Postgres) {
        return skipped(&absent);
    }
    let machine = |servers: &Path| {
        let mut machine = Machine::bare("postgres").env("ATLAS_TEST_SERVERS", servers);
        machine.command.env_remove("ATLAS_TEST_POSTGRES_BIN");
        machine.env("PATH", std::env::var_os("PATH").unwrap())
    };
    let servers = TempDir::new().unwrap();
    fs::set_permissions(servers.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let first = machine(servers.path()).start();
    assert!(
        first
            .said
            .starts_with("there postgres://postgres@127.0.0.1:"),
        "{}",
        first.said
    );
    let second = machine(servers.path()).start();
    assert_eq!(first.said, second.said, "both use one server");
    let other = TempDir::new().unwrap();
    fs::set_permissions(other.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let stranger = machine(other.path()).start();
    assert_ne!(
        first.said, stranger.said,
        "another place has a server of its own"
    );

    // one that is killed leaves as well as one that ends
    let port: u16 = {
        let (_, after) = first.said.rsplit_once(':').unwrap();
        after.split('/').next().unwrap().parse().unwrap()
    };
    let mut first = first;
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    assert!(listens(port), "the other one still uses it");
    second.end();
    stranger.end();
    await_gone(servers.path(), port);
}

#[test]
fn a_start_that_was_killed_halfway_is_cleaned_up() {
    if let Err(absent) = Server::start(Kind::Postgres) {
        return skipped(&absent);
    }
    let servers = TempDir::new().unwrap();
    fs::set_permissions(servers.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let mut machine = Machine::bare("postgres").env("ATLAS_TEST_SERVERS", servers.path());
    machine.command.env_remove("ATLAS_TEST_POSTGRES_BIN");
    let mut machine = machine.env("PATH", std::env::var_os("PATH").unwrap());
    let mut child = machine.command.spawn().unwrap();
    // its folder is there before its server is
    let home = loop {
        if let Some(home) = homes(servers.path()).pop() {
            break home;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    child.kill().unwrap();
    child.wait().unwrap();
    let next = machine.start();
    assert!(next.said.starts_with("there "), "{}", next.said);
    assert!(!homes(servers.path()).is_empty());
    next.end();
    let since = std::time::Instant::now();
    while home.exists() {
        assert!(since.elapsed().as_secs() < 60, "{} stays", home.display());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// The folders of servers of PostgreSQL.
fn homes(servers: &Path) -> Vec<PathBuf> {
    let Ok(checkouts) = fs::read_dir(servers) else {
        return Vec::new();
    };
    let kinds = checkouts
        .flatten()
        .map(|entry| entry.path().join("postgres"));
    let homes = kinds.filter_map(|kind| fs::read_dir(kind).ok()).flatten();
    let homes = homes.flatten().map(|entry| entry.path());
    homes.filter(|path| path.is_dir()).collect()
}

fn listens(port: u16) -> bool {
    std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
}

fn await_gone(servers: &Path, port: u16) {
    let since = std::time::Instant::now();
    while listens(port) || !homes(servers).is_empty() {
        assert!(since.elapsed().as_secs() < 60, "the server stays for ever");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// An engine for containers that "starts" a server which runs already.
const DOCKER: &str = r#"#!/bin/sh
echo "$@" >> "$LOG"
case $1 in
version) echo 27.0 ;;
run)
  shift
  while [ $# -gt 0 ]; do [ "$1" = --cidfile ] && printf c0ffee > "$2"; shift; done
  echo c0ffee ;;
port) echo "127.0.0.1:$PORT" ;;
rm) : ;;
esac
"#;

#[test]
fn a_container_is_the_last_rung_and_is_removed() {
    let server = match Server::start(Kind::Postgres) {
        Ok(server) => server,
        Err(absent) => return skipped(&absent),
    };
    let machine = Machine::bare("postgres");
    let folder = machine.folder.path().to_owned();
    let bin = folder.join("bin");
    fs::create_dir(&bin).unwrap();
    script(&bin.join("docker"), DOCKER);
    let log = folder.join("log");
    let path = format!("{}:/bin:/usr/bin", bin.display());
    let running = machine
        .env("PATH", path)
        .env("LOG", &log)
        .env("PORT", server.port().to_string())
        .start();
    assert_eq!(running.said, format!("there {}", server.admin_url()));
    let (_, succeeded, _folder) = running.end();
    assert!(succeeded);
    let since = std::time::Instant::now();
    loop {
        let text = fs::read_to_string(&log).unwrap();
        if text.contains("rm -f -v c0ffee") {
            assert!(text.contains("run --rm --detach"), "{text}");
            assert!(text.contains("postgres:17"), "{text}");
            return;
        }
        assert!(
            since.elapsed().as_secs() < 60,
            "the container stays:\n{text}"
        );
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
