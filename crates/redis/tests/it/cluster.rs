//! Three servers together.

use std::time::{Duration, Instant};

use atlas_redis::{Event, Redis, RedisConfig, Script, redis::cmd, redis::pipe};
use atlas_servers::{RedisCluster, skipped};
use tokio::time::timeout;

use crate::support::{eventually, impatient};

fn cluster() -> Option<(RedisCluster, Redis)> {
    let cluster = RedisCluster::start().inspect_err(skipped).ok()?;
    let config = RedisConfig {
        cluster: true,
        ..impatient(cluster.url())
    };
    let redis = Redis::new(&config).unwrap();
    Some((cluster, redis))
}

async fn set(redis: &Redis, key: &str) -> Result<(), atlas_redis::Error> {
    redis.run(cmd("SET").arg(key).arg(key)).await
}

#[tokio::test]
async fn a_command_goes_to_the_server_that_has_its_key() {
    let Some((cluster, redis)) = cluster() else {
        return;
    };
    assert!(redis.is_cluster());
    redis.ping().await.unwrap();
    for number in 0..50 {
        let key = format!("key-{number}");
        set(&redis, &key).await.unwrap();
        let owner = cluster.owner(&key).unwrap();
        let rows = owner.run(&format!("GET {key}")).unwrap();
        assert_eq!(rows.first(), Some(key.as_str()));
    }
    redis.server_time().await.unwrap();
}

#[tokio::test]
async fn one_address_of_a_cluster_is_enough() {
    let Some((cluster, _)) = cluster() else {
        return;
    };
    let config = RedisConfig {
        cluster: true,
        ..impatient(cluster.servers()[1].admin_url().trim_end_matches("/0"))
    };
    let redis = Redis::new(&config).unwrap();
    for key in ["a", "b", "c", "foo", "bar"] {
        set(&redis, key).await.unwrap();
    }
}

#[tokio::test]
async fn keys_of_one_tag_go_through_scripts_and_pipelines_together() {
    let Some((_cluster, redis)) = cluster() else {
        return;
    };
    let add = Script::new(
        "redis.call('SET', KEYS[1], ARGV[1]) redis.call('SET', KEYS[2], ARGV[2]) return ARGV[1] + ARGV[2]",
    );
    for tag in ["{a}", "{b}", "{foo}", "{bar}"] {
        let (one, two) = (format!("{tag}1"), format!("{tag}2"));
        for _ in 0..2 {
            let sum: u64 = redis.call(&add, &[&one, &two], &[1, 2]).await.unwrap();
            assert_eq!(sum, 3);
        }
        let mut both = pipe();
        both.atomic().cmd("GET").arg(&one).cmd("INCR").arg(&two);
        let answers: (u64, u64) = redis.run_all(&both).await.unwrap();
        assert_eq!(answers, (1, 3));
    }
    let mut apart = pipe();
    apart.cmd("GET").arg("foo").cmd("GET").arg("bar");
    let error = redis.run_all::<()>(&apart).await.unwrap_err();
    assert_eq!(error.code(), Some("CROSSSLOT"));
    let error = redis.call::<()>(&add, &["foo", "bar"], &[1, 2]).await;
    assert_eq!(error.unwrap_err().code(), Some("CROSSSLOT"));
    let error = redis.run::<Vec<String>>(cmd("KEYS").arg("*")).await;
    assert_eq!(error.unwrap_err().code(), Some("CROSSSLOT"));
}

#[tokio::test]
async fn a_slot_that_has_moved_is_followed() {
    let Some((cluster, redis)) = cluster() else {
        return;
    };
    set(&redis, "bar").await.unwrap();
    let to = cluster.owner("bar").unwrap();
    assert_ne!(cluster.owner("foo").unwrap().port(), to.port());
    let none: Option<String> = redis.run(cmd("GET").arg("foo")).await.unwrap();
    assert_eq!(none, None);
    cluster.give("foo", to).unwrap();
    // nobody has told the handle
    set(&redis, "foo").await.unwrap();
    let rows = to.run("GET foo").unwrap();
    assert_eq!(rows.first(), Some("foo"));
}

#[tokio::test]
async fn a_slot_on_the_move_is_asked_for_where_it_goes() {
    let Some((cluster, redis)) = cluster() else {
        return;
    };
    let (from, to) = (cluster.owner("foo").unwrap(), cluster.owner("bar").unwrap());
    set(&redis, "foo").await.unwrap();
    let name = |server: &atlas_servers::Server| {
        let rows = server.run("CLUSTER MYID").unwrap();
        rows.first().unwrap().to_owned()
    };
    to.run(&format!("CLUSTER SETSLOT 12182 IMPORTING {}", name(from)))
        .unwrap();
    from.run(&format!("CLUSTER SETSLOT 12182 MIGRATING {}", name(to)))
        .unwrap();
    // what is still there is answered there, what is not is made where the slot goes
    let stays: String = redis.run(cmd("GET").arg("foo")).await.unwrap();
    assert_eq!(stays, "foo");
    set(&redis, "{foo}new").await.unwrap();
    let new: String = redis.run(cmd("GET").arg("{foo}new")).await.unwrap();
    assert_eq!(new, "{foo}new");
    assert!(from.run("GET {foo}new").unwrap_err().starts_with("ASK "));
}

#[tokio::test]
async fn a_dead_server_concerns_its_own_keys_only_and_is_used_again() {
    let Some((cluster, redis)) = cluster() else {
        return;
    };
    for key in ["foo", "bar"] {
        set(&redis, key).await.unwrap();
    }
    let dead = cluster.owner("foo").unwrap();
    dead.kill();
    let began = Instant::now();
    let mut failed = 0;
    // three seconds, and on a slow machine as long as it takes to fail thrice
    while began.elapsed() < Duration::from_secs(3) || failed <= 2 {
        let asked = Instant::now();
        failed += u32::from(set(&redis, "foo").await.is_err());
        set(&redis, "bar").await.unwrap();
        assert!(asked.elapsed() < Duration::from_secs(15));
        assert!(began.elapsed() < Duration::from_secs(60), "{failed} failed");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    dead.start_again().unwrap();
    eventually("the server is used again", async || {
        set(&redis, "foo").await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn messages_reach_all_servers_of_a_cluster() {
    let Some((cluster, redis)) = cluster() else {
        return;
    };
    let mut news = redis.subscribe(["news"]).await;
    for server in cluster.servers() {
        let message = format!("from-{}", server.port());
        server.run(&format!("PUBLISH news {message}")).unwrap();
        let event = timeout(Duration::from_secs(60), news.next()).await.unwrap();
        let Some(Event::Message(heard)) = event else {
            panic!("{event:?}");
        };
        assert_eq!(heard.payload, message.as_bytes());
    }
    // whichever it listens to is killed by this: another one takes its place
    for server in &cluster.servers()[..2] {
        server.kill();
    }
    eventually("a message by the last one", async || {
        cluster.servers()[2].run("PUBLISH news last").unwrap();
        let event = timeout(Duration::from_millis(100), news.next()).await;
        matches!(event, Ok(Some(Event::Message(heard))) if heard.payload == b"last")
    })
    .await;
}
