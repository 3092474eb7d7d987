//! Servers that die, fall silent, or do not let us in.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use atlas_redis::{Error, Redis, RedisConfig, redis::cmd};
use atlas_servers::{Kind, Options, Server, skipped};

use crate::support::{Gate, eventually, impatient, private};

/// More than a command may take with the limits of [`impatient`], on a machine that has much else to do.
const BOUND: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_under_load_is_used_again_and_no_command_ran_twice() {
    let Some(server) = private() else { return };
    let redis = Redis::new(&impatient(server.admin_url())).unwrap();
    let (done, unknown) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let ended = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..16)
        .map(|_| {
            let (redis, ended) = (redis.clone(), Arc::clone(&ended));
            let (done, unknown) = (Arc::clone(&done), Arc::clone(&unknown));
            tokio::spawn(async move {
                while !ended.load(Ordering::Relaxed) {
                    let began = Instant::now();
                    match redis.run::<u64>(cmd("INCR").arg("n")).await {
                        Ok(_) => done.fetch_add(1, Ordering::Relaxed),
                        Err(error) if error.is_outcome_unknown() => {
                            unknown.fetch_add(1, Ordering::Relaxed)
                        }
                        Err(error) => {
                            assert!(error.is_transient(), "{error:?}");
                            tokio::time::sleep(Duration::from_millis(5)).await;
                            0
                        }
                    };
                    assert!(began.elapsed() < BOUND, "{:?}", began.elapsed());
                }
            })
        })
        .collect();
    for _ in 0..3 {
        let before = done.load(Ordering::Relaxed);
        eventually("progress", async || {
            done.load(Ordering::Relaxed) > before + 100
        })
        .await;
        tokio::task::block_in_place(|| {
            server.kill();
            server.start_again().unwrap();
        });
    }
    let before = done.load(Ordering::Relaxed);
    eventually("progress", async || done.load(Ordering::Relaxed) > before).await;
    ended.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
    let counted: u64 = redis.run(cmd("GET").arg("n")).await.unwrap();
    let done = done.load(Ordering::Relaxed);
    let unknown = unknown.load(Ordering::Relaxed);
    assert!(
        counted >= done,
        "{done} were acknowledged, {counted} are there"
    );
    assert!(
        counted <= done + unknown,
        "{done} and perhaps {unknown}, but {counted}"
    );
}

#[tokio::test]
async fn a_server_that_comes_back_is_used_within_two_seconds() {
    let Some(server) = private() else { return };
    let redis = Redis::new(&impatient(server.admin_url())).unwrap();
    redis.ping().await.unwrap();
    // the best of three: a busy machine adds to each
    let mut shortest = Duration::MAX;
    for _ in 0..3 {
        server.kill();
        eventually("the loss to be noticed", async || {
            redis.ping().await.is_err()
        })
        .await;
        server.start_again().unwrap();
        let began = Instant::now();
        eventually("an answer", async || redis.ping().await.is_ok()).await;
        shortest = shortest.min(began.elapsed());
        if shortest < Duration::from_secs(2) {
            return;
        }
    }
    panic!("{shortest:?}");
}

#[tokio::test]
async fn a_connection_that_the_server_has_closed_costs_no_command() {
    let Some(server) = private() else { return };
    let redis = Redis::new(&RedisConfig::at(server.admin_url())).unwrap();
    redis.ping().await.unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    server.stop();
    server.start_again().unwrap();
    eventually("the loss to be noticed", async || {
        format!("{redis:?}").contains("is_live: false")
    })
    .await;
    redis.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_callers_make_at_most_two_attempts_a_second() {
    let gate = Gate::before(None).await;
    let redis = Redis::new(&impatient(gate.url())).unwrap();
    let began = Instant::now();
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let redis = redis.clone();
            tokio::spawn(async move {
                while began.elapsed() < Duration::from_secs(4) {
                    let error = redis.ping().await.unwrap_err();
                    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            })
        })
        .collect();
    let listener = redis.subscribe(["news"]).await;
    for caller in callers {
        caller.await.unwrap();
    }
    let seconds = began.elapsed().as_secs_f64();
    drop(listener);
    let came = gate.came();
    assert!(came >= 2, "{came}: it tries again");
    assert!(came as f64 <= seconds * 2.0 + 1.0, "{came} in {seconds} s");
}

#[tokio::test]
async fn a_black_hole_is_an_error_in_time_and_its_connection_is_given_up() {
    let Some(server) = private() else { return };
    let gate = Gate::before(Some(server.port())).await;
    let redis = Redis::new(&impatient(gate.url())).unwrap();
    redis.run::<()>(cmd("SET").arg("a").arg(1)).await.unwrap();
    gate.fall_silent();
    let began = Instant::now();
    let error = redis.run::<u64>(cmd("GET").arg("a")).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    assert!(error.is_outcome_unknown());
    let error = redis.run::<u64>(cmd("GET").arg("a")).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(began.elapsed() < BOUND, "{:?}", began.elapsed());
    // the old connection never speaks again
    gate.speak();
    eventually("a new connection", async || redis.ping().await.is_ok()).await;
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing_is_an_error_in_time() {
    let Some(server) = private() else { return };
    server.pause();
    let redis = Redis::new(&impatient(server.admin_url())).unwrap();
    let began = Instant::now();
    let error = redis.ping().await.unwrap_err();
    assert!(began.elapsed() < BOUND, "{:?}", began.elapsed());
    assert!(
        error
            .to_string()
            .ends_with("cannot be reached: no connection within 1s"),
        "{error}"
    );
    server.resume();
    eventually("an answer", async || redis.ping().await.is_ok()).await;
}

#[tokio::test]
async fn a_wrong_password_is_said_and_never_shown() {
    let Some(server) = private() else { return };
    server.run("CONFIG SET requirepass r1ght").unwrap();
    let at = |user: &str| {
        let url = format!("redis://{user}127.0.0.1:{}", server.port());
        Redis::new(&impatient(url)).unwrap()
    };
    for redis in [at(":wr0ng@"), at("somebody:wr0ng@")] {
        let error = redis.ping().await.unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("it does not accept user and password"),
            "{error}"
        );
        let shown = format!("{error:?} {redis:?} {}", redis.place());
        assert!(!shown.contains("wr0ng"), "{shown}");
    }
    let error = at("").ping().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    at(":r1ght@").ping().await.unwrap();
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let certificates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../db/tests/it/tls");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let options = Options::new()
        .setting("tls-port", port)
        .setting("tls-cert-file", certificates.join("server.pem").display())
        .setting("tls-key-file", certificates.join("server.key").display())
        .setting("tls-auth-clients", "no");
    let _server = match Server::start_with(Kind::Redis, options) {
        Ok(server) => server,
        Err(absent) => return skipped(&absent),
    };
    let redis = Redis::new(&impatient(format!("rediss://localhost:{port}"))).unwrap();
    let error = redis.ping().await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
}
