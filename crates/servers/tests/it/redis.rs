//! Redis, and three of them together.

use std::time::{Duration, Instant};

use atlas_servers::{Kind, Options, RedisCluster, Server, shared, skipped};

fn redis(options: Options) -> Option<Server> {
    Server::start_with(Kind::Redis, options)
        .inspect_err(skipped)
        .ok()
}

fn first(server: &Server, command: &str) -> Option<String> {
    let rows = server.run(command).unwrap();
    rows.first().map(str::to_owned)
}

#[test]
fn what_redis_has_answered_outlives_a_kill_on_the_same_port() {
    for options in [Options::new(), Options::new().flushed()] {
        let Some(server) = redis(options) else { return };
        let port = server.port();
        server.run("SET kept 42").unwrap();
        server.kill();
        assert!(server.run("PING").is_err(), "it is dead");
        server.start_again().unwrap();
        assert_eq!(first(&server, "GET kept").as_deref(), Some("42"));
        server.stop();
        assert!(server.run("PING").is_err(), "it has stopped");
        server.start_again().unwrap();
        assert_eq!(first(&server, "GET kept").as_deref(), Some("42"));
        assert_eq!(server.port(), port);
        let folder = server.folder().to_owned();
        drop(server);
        assert!(!folder.exists(), "nothing is left");
    }
}

#[test]
fn settings_of_redis_are_taken() {
    let value = |server: &Server, name: &str| {
        let rows = server.run(&format!("CONFIG GET {name}")).unwrap();
        rows.0[1][0].clone().unwrap()
    };
    let Some(server) = redis(Options::new()) else {
        return;
    };
    assert_eq!(value(&server, "appendfsync"), "everysec");
    let server = redis(Options::new().flushed()).unwrap();
    assert_eq!(value(&server, "appendfsync"), "always");
    let server = redis(Options::new().setting("appendfsync", "no")).unwrap();
    assert_eq!(value(&server, "appendfsync"), "no");
}

#[test]
fn a_paused_redis_answers_when_it_is_resumed() {
    let Some(server) = redis(Options::new()) else {
        return;
    };
    server.pause();
    let address = server.address();
    let (asked, answer) = std::sync::mpsc::channel();
    let asking = std::thread::spawn(move || asked.send(address.run("PING").is_ok()));
    let waited = answer.recv_timeout(Duration::from_millis(300));
    assert!(waited.is_err(), "a frozen server said something");
    server.resume();
    assert_eq!(answer.recv_timeout(Duration::from_secs(20)), Ok(true));
    asking.join().unwrap().unwrap();
}

#[test]
fn tests_that_share_a_redis_have_keys_of_their_own() {
    let address = match shared(Kind::Redis) {
        Ok(address) => address,
        Err(absent) => return skipped(&absent),
    };
    assert_ne!(address.prefix(), address.prefix());
    assert!(address.admin_url().starts_with("redis://"));
    let key = format!("{}x", address.prefix());
    address.run(&format!("SET {key} 1 EX 60")).unwrap();
    let rows = address.run(&format!("GET {key}")).unwrap();
    assert_eq!(rows.first(), Some("1"));
}

#[test]
fn a_cluster_goes_on_when_one_of_its_servers_is_dead() {
    let cluster = match RedisCluster::start() {
        Ok(cluster) => cluster,
        Err(absent) => return skipped(&absent),
    };
    assert_eq!(cluster.url().split(',').count(), 3);
    for key in ["a", "b", "c", "foo", "bar"] {
        let owner = cluster.owner(key).unwrap();
        owner.run(&format!("SET {key} {key}")).unwrap();
    }
    let dead = cluster.owner("foo").unwrap();
    let other = cluster.owner("bar").unwrap();
    assert_ne!(dead.port(), other.port());
    let moved = other.run("GET foo").unwrap_err();
    assert!(moved.starts_with("MOVED "), "{moved}");
    dead.kill();
    assert_eq!(first(other, "GET bar").as_deref(), Some("bar"));

    dead.start_again().unwrap();
    let began = Instant::now();
    while dead.run("GET foo").is_err() {
        assert!(began.elapsed() < Duration::from_secs(60), "it stays out");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(first(dead, "GET foo").as_deref(), Some("foo"));
}

#[test]
fn a_slot_can_be_given_to_another_server() {
    let cluster = match RedisCluster::start() {
        Ok(cluster) => cluster,
        Err(absent) => return skipped(&absent),
    };
    let owner = cluster.owner("foo").unwrap();
    let other = cluster.owner("bar").unwrap();
    cluster.give("foo", other).unwrap();
    other.run("SET foo 1").unwrap();
    let moved = owner.run("GET foo").unwrap_err();
    assert!(moved.starts_with("MOVED 12182"), "{moved}");
}
