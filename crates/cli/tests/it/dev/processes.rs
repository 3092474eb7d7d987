//! Nothing is left behind, however it ends.

use std::time::{Duration, Instant};

use super::running::Dev;
use crate::support::{Fixture, eventually, is_alive, stderr};

#[test]
fn sigterm_ends_the_service_and_what_it_started() {
    let echo = Fixture::new();
    echo.write("config/default.toml", "[http]\nport = 0\n# grandchild\n");
    let mut dev = Dev::start(&echo);
    let service = dev.wait("started")["pid"].as_u64().unwrap();
    let grandchild = dev
        .wait_log("grandchild")
        .rsplit(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(is_alive(service) && is_alive(grandchild));
    dev.signal("TERM");
    assert_eq!(dev.end().code(), Some(0));
    eventually("the end of service and grandchild", || {
        !is_alive(service) && !is_alive(grandchild)
    });
}

#[test]
fn hanging_up_ends_a_build_that_runs() {
    let echo = Fixture::new();
    echo.write("hold", "");
    let mut dev = Dev::start(&echo);
    eventually("the build", || echo.path().join("build-runs").exists());
    let children = descendants(dev.id());
    assert!(!children.is_empty());
    dev.signal("HUP");
    assert_eq!(dev.end().code(), Some(0));
    eventually("the end of cargo and what it started", || {
        children.iter().all(|child| !is_alive(*child))
    });
}

#[test]
fn a_restart_ends_what_the_old_version_had_started() {
    let echo = Fixture::new();
    echo.write("config/default.toml", "[http]\nport = 0\n# grandchild\n");
    let dev = Dev::start(&echo);
    let grandchild = dev
        .wait_log("grandchild")
        .rsplit(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    echo.answers("two");
    dev.wait("started");
    assert!(!is_alive(grandchild));
}

#[test]
fn a_service_ends_by_itself_when_atlas_dev_is_killed() {
    let echo = Fixture::new();
    let mut dev = Dev::start(&echo);
    let service = dev.wait("started")["pid"].as_u64().unwrap();
    assert_eq!(dev.get("/", "*/*").body, "one");
    dev.signal("KILL");
    dev.end();
    eventually("the end of the service", || !is_alive(service));
}

#[test]
fn a_service_that_does_not_stop_is_killed_after_five_seconds() {
    let echo = Fixture::new();
    echo.write("config/default.toml", "[http]\nport = 0\n# stubborn\n");
    let mut dev = Dev::start(&echo);
    let service = dev.wait("started")["pid"].as_u64().unwrap();
    assert_eq!(dev.get("/", "*/*").body, "one");
    let asked = Instant::now();
    dev.signal("TERM");
    assert_eq!(dev.end().code(), Some(0));
    assert!(
        asked.elapsed() >= Duration::from_secs(5),
        "it must have had its time: {:?}",
        asked.elapsed()
    );
    assert!(!is_alive(service));
}

#[test]
fn a_second_signal_ends_everything_at_once() {
    let echo = Fixture::new();
    echo.write("config/default.toml", "[http]\nport = 0\n# stubborn\n");
    let mut dev = Dev::start(&echo);
    let service = dev.wait("started")["pid"].as_u64().unwrap();
    assert_eq!(dev.get("/", "*/*").body, "one");
    dev.signal("TERM");
    dev.wait("stopping");
    dev.signal("TERM");
    // had it waited for the service, it would end well
    assert_eq!(dev.end().code(), Some(143));
    assert!(!is_alive(service));
}

#[test]
fn outside_of_a_service_it_says_so() {
    let nowhere = tempfile::tempdir().unwrap();
    let output = crate::support::atlas(&["dev"])
        .current_dir(nowhere.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("is not in a service"),
        "{}",
        stderr(&output)
    );
}

/// All processes whose ancestor is `of`.
fn descendants(of: u64) -> Vec<u64> {
    let mut found = vec![of];
    let mut next = 0;
    while next < found.len() {
        let list = std::process::Command::new("pgrep")
            .args(["-P", &found[next].to_string()])
            .output()
            .unwrap();
        found.extend(
            String::from_utf8(list.stdout)
                .unwrap()
                .lines()
                .filter_map(|line| line.parse::<u64>().ok()),
        );
        next += 1;
    }
    found.remove(0);
    found
}
