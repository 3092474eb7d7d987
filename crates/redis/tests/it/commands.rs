//! What a healthy server answers.

use std::time::{Duration, SystemTime};

use atlas_redis::{Error, Redis, RedisConfig, Script, redis::cmd, redis::pipe};

use crate::support::{own_keys, private};

#[tokio::test]
async fn answers_have_the_type_that_is_asked_for() {
    let Some(redis) = own_keys() else { return };
    let key = redis.key("tea");
    redis
        .run::<()>(cmd("SET").arg(&key).arg("sencha").arg("EX").arg(60))
        .await
        .unwrap();
    let tea: String = redis.run(cmd("GET").arg(&key)).await.unwrap();
    assert_eq!(tea, "sencha");
    let none: Option<String> = redis.run(cmd("GET").arg(redis.key("none"))).await.unwrap();
    assert_eq!(none, None);

    let error = redis.run::<u64>(cmd("GET").arg(&key)).await.unwrap_err();
    assert!(matches!(error, Error::Type { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("sencha"), "{error}");
}

#[tokio::test]
async fn a_refusal_has_the_word_of_the_server_and_none_of_ours() {
    let Some(redis) = own_keys() else { return };
    let key = redis.key("text");
    let set = cmd("SET").arg(&key).arg("x").arg("EX").arg(60).clone();
    redis.run::<()>(&set).await.unwrap();
    let error = redis
        .run::<u64>(cmd("LPUSH").arg(&key).arg(1))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("WRONGTYPE"));
    assert!(!error.is_transient() && !error.is_outcome_unknown());

    let wrong = cmd("SETT").arg(&key).arg("tops3cret").clone();
    let error = redis.run::<()>(&wrong).await.unwrap_err();
    assert_eq!(error.code(), Some("ERR"));
    assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
}

#[tokio::test]
async fn a_pipeline_is_one_trip_and_an_atomic_one_is_one_step() {
    let Some(redis) = own_keys() else { return };
    let key = redis.key("count");
    let mut pipeline = pipe();
    pipeline
        .atomic()
        .cmd("INCR")
        .arg(&key)
        .cmd("EXPIRE")
        .arg(&key)
        .arg(60)
        .ignore()
        .cmd("INCRBY")
        .arg(&key)
        .arg(41);
    let answers: (u64, u64) = redis.run_all(&pipeline).await.unwrap();
    assert_eq!(answers, (1, 42));

    let mut broken = pipe();
    broken.cmd("GET").arg(&key).cmd("LPUSH").arg(&key).arg(1);
    let error = redis.run_all::<(u64, u64)>(&broken).await.unwrap_err();
    assert_eq!(error.code(), Some("WRONGTYPE"));
}

#[tokio::test]
async fn a_script_is_learned_by_the_way_and_after_it_was_forgotten() {
    let Some(server) = private() else { return };
    let redis = Redis::new(&RedisConfig::at(server.admin_url())).unwrap();
    let script = Script::new("return {KEYS[1], ARGV[1], ARGV[2]}");
    for _ in 0..2 {
        for _ in 0..2 {
            let answer: Vec<String> = redis.call(&script, &["k"], &["a", "b"]).await.unwrap();
            assert_eq!(answer, ["k", "a", "b"]);
        }
        redis.run::<()>(cmd("SCRIPT").arg("FLUSH")).await.unwrap();
    }
    let none: Option<u64> = redis
        .call(&Script::new("return false"), &["k"], None::<&str>)
        .await
        .unwrap();
    assert_eq!(none, None);
    let failing = Script::new("return redis.error_reply('FULL no room')");
    let error = redis.call::<()>(&failing, &["k"], "x").await.unwrap_err();
    assert_eq!(error.code(), Some("FULL"), "{error:?}");
}

#[tokio::test]
async fn the_time_of_the_server_is_that_of_this_machine() {
    let Some(redis) = own_keys() else { return };
    let before = SystemTime::now();
    let time = redis.server_time().await.unwrap();
    let after = SystemTime::now();
    assert!(time + Duration::from_millis(1) >= before && time <= after);
}

#[tokio::test]
async fn all_clones_share_one_connection() {
    let Some(server) = private() else { return };
    let redis = Redis::new(&RedisConfig::at(server.admin_url())).unwrap();
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let redis = redis.clone();
            tokio::spawn(async move { redis.run::<u64>(cmd("INCR").arg("n")).await })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    let info: String = redis.run(cmd("INFO").arg("stats")).await.unwrap();
    let connections = info
        .lines()
        .find_map(|line| line.strip_prefix("total_connections_received:"));
    // with the one that asked whether the server is ready
    let connections: u64 = connections.unwrap().trim().parse().unwrap();
    assert!(connections <= 2, "{connections} connections");
    assert_eq!(redis.run::<u64>(cmd("GET").arg("n")).await.unwrap(), 100);
}

#[tokio::test]
async fn a_closed_handle_says_so() {
    let Some(redis) = own_keys() else { return };
    redis.ping().await.unwrap();
    redis.clone().close();
    assert!(matches!(redis.ping().await, Err(Error::Closed)));
}
