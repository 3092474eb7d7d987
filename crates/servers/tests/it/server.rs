//! A server of one test's own.

use std::time::Duration;

use atlas_servers::{Kind, Options, Server, skipped};

/// Runs a test on each kind that is here.
fn on_each(options: impl Fn() -> Options, test: impl Fn(Server)) {
    for kind in Kind::DATABASES {
        match Server::start_with(kind, options()) {
            Ok(server) => test(server),
            Err(absent) => skipped(&absent),
        }
    }
}

fn first(server: &Server, sql: &str) -> Option<String> {
    let rows = server.run(sql).expect("the server answers");
    rows.first().map(str::to_owned)
}

#[test]
fn what_is_committed_outlives_a_kill() {
    on_each(Options::new, |server| {
        server.run("CREATE SCHEMA t").expect("a schema");
        server.run("CREATE TABLE t.kept (n INT)").expect("a table");
        server.run("INSERT INTO t.kept VALUES (42)").expect("a row");
        let pid = server.pid();
        server.kill();
        assert!(server.run("SELECT 1").is_err(), "it is dead");
        server.start_again().expect("it comes back");
        assert_ne!(server.pid(), pid);
        assert_eq!(
            first(&server, "SELECT n FROM t.kept").as_deref(),
            Some("42")
        );
        server.stop();
        assert!(server.run("SELECT 1").is_err(), "it has stopped");
        server.start_again().expect("it comes back");
        assert_eq!(
            first(&server, "SELECT n FROM t.kept").as_deref(),
            Some("42")
        );
        let folder = server.folder().to_owned();
        drop(server);
        assert!(!folder.exists(), "nothing is left");
    });
}

#[test]
fn a_paused_server_answers_when_it_is_resumed() {
    on_each(Options::new, |server| {
        server.pause();
        let address = server.address();
        let (asked, answer) = std::sync::mpsc::channel();
        let asking = std::thread::spawn(move || asked.send(address.run("SELECT 1").is_ok()));
        let waited = answer.recv_timeout(Duration::from_millis(300));
        assert!(waited.is_err(), "a frozen server said something");
        server.resume();
        assert_eq!(answer.recv_timeout(Duration::from_secs(20)), Ok(true));
        asking.join().expect("no panic").expect("we listened");
    });
}

#[test]
fn a_standby_shows_the_past_while_its_replay_is_paused() {
    let options = || Options::new().replicated();
    on_each(options, |primary| {
        primary.run("CREATE SCHEMA t").expect("a schema");
        primary.run("CREATE TABLE t.seen (n INT)").expect("a table");
        let replica = primary.standby().expect("a standby");
        let count = "SELECT count(*) FROM t.seen";
        assert_eq!(first(&replica, count).as_deref(), Some("0"));

        replica.pause_replay().expect("it pauses");
        primary.run("INSERT INTO t.seen VALUES (1)").expect("a row");
        assert_eq!(first(&replica, count).as_deref(), Some("0"));
        replica.resume_replay().expect("it goes on");
        replica.catch_up(&primary).expect("it catches up");
        assert_eq!(first(&replica, count).as_deref(), Some("1"));

        replica.set_delay(Duration::from_secs(1)).expect("a delay");
        let began = std::time::Instant::now();
        primary.run("INSERT INTO t.seen VALUES (2)").expect("a row");
        replica.catch_up(&primary).expect("it catches up");
        assert_eq!(first(&replica, count).as_deref(), Some("2"));
        assert!(began.elapsed() > Duration::from_millis(500), "it was late");
        replica.set_delay(Duration::ZERO).expect("no delay");

        replica.kill();
        replica.start_again().expect("it comes back");
        primary.run("INSERT INTO t.seen VALUES (3)").expect("a row");
        replica.resume_replay().ok();
        replica.catch_up(&primary).expect("it catches up");
        assert_eq!(first(&replica, count).as_deref(), Some("3"));
    });
}
