//! The pool over connections that are numbers.

use std::{
    future::{Future, pending},
    io,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Waker},
    time::{Duration, Instant},
};

use sea_orm::{DbErr, RuntimeErr};
use tokio::{sync::Notify, task::JoinSet, time::sleep};

use super::{Connect, Limits, Pool};

#[derive(Default)]
struct State {
    tried: Mutex<Vec<Instant>>,
    opened: AtomicU32,
    dropped: Mutex<Vec<u32>>,
    closed: Mutex<Vec<u32>>,
    free: Notify,
}

struct Number(u32, Arc<State>, bool);

impl Drop for Number {
    fn drop(&mut self) {
        if !self.2 {
            self.1.dropped.lock().unwrap().push(self.0);
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Answer {
    Connects,
    Refuses,
    IsAway,
    Hangs,
}

struct Numbers(Arc<State>, Arc<Mutex<Answer>>);

impl Connect for Numbers {
    type Connection = Number;

    async fn connect(&self) -> Result<Number, DbErr> {
        self.0.tried.lock().unwrap().push(Instant::now());
        let answer = *self.1.lock().unwrap();
        match answer {
            Answer::Connects => Ok(Number(
                self.0.opened.fetch_add(1, Ordering::Relaxed),
                Arc::clone(&self.0),
                false,
            )),
            Answer::Refuses => Err(DbErr::Custom("refused".into())),
            Answer::IsAway => {
                // all who begin in the same moment are there by then
                sleep(SHORT).await;
                let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
                Err(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(
                    sqlx::Error::Io(refused),
                ))))
            }
            Answer::Hangs => pending().await,
        }
    }

    async fn recover(connection: &mut Number) -> bool {
        let free = connection.1.free.notified();
        free.await;
        connection.0 != 1
    }

    async fn close(mut connection: Number) {
        connection.2 = true;
        connection.1.closed.lock().unwrap().push(connection.0);
    }
}

const SHORT: Duration = Duration::from_millis(20);
const MINUTE: Duration = Duration::from_secs(60);

const LIMITS: Limits = Limits {
    connections: 2,
    acquire_timeout: MINUTE,
    connect_timeout: MINUTE,
    idle_timeout: None,
    max_lifetime: None,
    statement_timeout: None,
    ping_after: None,
    recover_timeout: None,
};

fn pool(limits: Limits) -> (Pool<Numbers>, Arc<State>, Arc<Mutex<Answer>>) {
    let state = Arc::new(State::default());
    let answer = Arc::new(Mutex::new(Answer::Connects));
    (
        Pool::new(Numbers(Arc::clone(&state), Arc::clone(&answer)), limits),
        state,
        answer,
    )
}

fn poll_once<T>(future: impl Future<Output = T>) -> bool {
    pin!(future)
        .poll(&mut Context::from_waker(Waker::noop()))
        .is_ready()
}

#[tokio::test]
async fn connections_are_opened_when_needed_and_the_latest_is_used_first() {
    let (pool, state, _) = pool(LIMITS);
    assert_eq!(state.opened.load(Ordering::Relaxed), 0);
    let (one, other) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
    assert_eq!((pool.used(), pool.idle()), (2, 0));
    drop(other);
    drop(one);
    assert_eq!((pool.used(), pool.idle()), (0, 2));
    assert_eq!(pool.acquire().await.unwrap().0, 0);
    assert_eq!(state.opened.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_caller_whose_time_is_over_is_refused() {
    let limits = Limits {
        connections: 1,
        acquire_timeout: SHORT,
        ..LIMITS
    };
    let (pool, ..) = pool(limits);
    let _held = pool.acquire().await.unwrap();
    let error = pool.acquire().await.map(drop).unwrap_err();
    assert!(matches!(error, DbErr::ConnectionAcquire(_)));
    assert_eq!(pool.stats().timeouts.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_caller_waits_until_a_connection_is_back() {
    let (pool, ..) = pool(Limits {
        connections: 1,
        ..LIMITS
    });
    let held = pool.acquire().await.unwrap();
    let waiting = tokio::spawn({
        let pool = pool.clone();
        async move { pool.acquire().await.map(drop) }
    });
    while pool.stats().pending.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    drop(held);
    waiting.await.unwrap().unwrap();
    assert_eq!(pool.stats().pending.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_connection_that_fails_hangs_or_is_given_up_does_not_cost_a_place() {
    let limits = Limits {
        connections: 1,
        connect_timeout: SHORT,
        ..LIMITS
    };
    let (pool, state, answer) = pool(limits);
    *answer.lock().unwrap() = Answer::Refuses;
    assert_eq!(
        pool.acquire().await.map(drop).unwrap_err(),
        DbErr::Custom("refused".into())
    );
    *answer.lock().unwrap() = Answer::Hangs;
    assert!(
        pool.acquire()
            .await
            .map(drop)
            .unwrap_err()
            .to_string()
            .ends_with("no connection within 20ms")
    );
    assert!(!poll_once(pool.acquire()), "dropped while it connects");
    assert_eq!(pool.used(), 0);
    *answer.lock().unwrap() = Answer::Connects;
    pool.acquire().await.unwrap().lose();
    assert_eq!(*state.dropped.lock().unwrap(), [0]);
    assert_eq!(pool.acquire().await.unwrap().0, 1);
}

#[tokio::test]
async fn a_caller_that_leaves_the_queue_is_not_counted_any_more() {
    let (pool, ..) = pool(Limits {
        connections: 1,
        ..LIMITS
    });
    let held = pool.acquire().await.unwrap();
    assert!(!poll_once(pool.acquire()));
    assert_eq!(pool.stats().pending.load(Ordering::Relaxed), 0);
    drop(held);
    pool.acquire().await.unwrap();
}

#[tokio::test]
async fn a_connection_left_in_the_middle_of_a_statement_comes_back_when_it_is_free() {
    let limits = Limits {
        connections: 1,
        acquire_timeout: SHORT,
        ..LIMITS
    };
    let (pool, state, _) = pool(limits);
    let mut lease = pool.acquire().await.unwrap();
    lease.start();
    drop(lease);
    assert_eq!((pool.used(), pool.idle()), (1, 0));
    assert!(pool.acquire().await.is_err(), "it is busy still");
    state.free.notify_one();
    while pool.used() > 0 {
        tokio::task::yield_now().await;
    }
    let mut lease = pool.acquire().await.unwrap();
    assert_eq!(lease.0, 0);
    lease.start();
    lease.finish();
    drop(lease);
    assert_eq!((pool.used(), pool.idle()), (0, 1));

    // one that cannot be saved gives its place to another
    pool.acquire().await.unwrap().lose();
    let mut lease = pool.acquire().await.unwrap();
    lease.start();
    drop(lease);
    state.free.notify_one();
    while pool.used() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(*state.dropped.lock().unwrap(), [0, 1]);
    assert_eq!(pool.acquire().await.unwrap().0, 2);
}

#[tokio::test]
async fn a_connection_that_does_not_become_free_in_time_gives_its_place_back() {
    let (pool, state, _) = pool(Limits {
        connections: 1,
        recover_timeout: Some(SHORT),
        ..LIMITS
    });
    let mut lease = pool.acquire().await.unwrap();
    lease.start();
    drop(lease);
    assert_eq!(pool.acquire().await.unwrap().0, 1, "nobody said it is free");
    assert_eq!(*state.dropped.lock().unwrap(), [0]);
}

#[tokio::test]
async fn a_connection_that_rested_for_long_is_lent_when_it_lives() {
    let (pool, state, _) = pool(Limits {
        connections: 1,
        ping_after: Some(SHORT),
        recover_timeout: Some(SHORT),
        ..LIMITS
    });
    drop(pool.acquire().await.unwrap());
    drop(pool.acquire().await.unwrap());
    assert_eq!(
        state.opened.load(Ordering::Relaxed),
        1,
        "it did not rest for long"
    );
    sleep(SHORT * 2).await;
    state.free.notify_one();
    assert_eq!(pool.acquire().await.unwrap().0, 0, "it gave a sign of life");
    sleep(SHORT * 2).await;
    assert_eq!(pool.acquire().await.unwrap().0, 1, "it was silent");
    assert_eq!(*state.dropped.lock().unwrap(), [0]);
}

#[tokio::test]
async fn one_dead_connection_puts_those_at_rest_in_doubt() {
    let (pool, state, _) = pool(Limits {
        ping_after: Some(MINUTE),
        recover_timeout: Some(SHORT),
        ..LIMITS
    });
    let (one, mut other) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
    drop(one);
    sleep(SHORT).await;
    other.lose();
    drop(other);
    assert_eq!(
        pool.acquire().await.unwrap().0,
        2,
        "the one at rest was silent too"
    );
    assert_eq!(*state.dropped.lock().unwrap(), [1, 0]);
}

#[tokio::test]
async fn one_that_was_lent_when_another_one_died_is_in_doubt_when_it_rests() {
    let (pool, state, _) = pool(Limits {
        ping_after: Some(MINUTE),
        recover_timeout: Some(SHORT),
        ..LIMITS
    });
    let (mut one, other) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
    one.lose();
    drop(one);
    sleep(SHORT).await;
    drop(other);
    assert_eq!(pool.acquire().await.unwrap().0, 2, "it was silent");
    assert_eq!(*state.dropped.lock().unwrap(), [0, 1]);
    pool.doubt();
    assert_eq!(
        pool.acquire().await.unwrap().0,
        3,
        "so was the one in doubt"
    );
    state.free.notify_one();
    pool.doubt();
    assert_eq!(pool.acquire().await.unwrap().0, 3, "it gave a sign of life");
}

#[tokio::test]
async fn connections_too_old_or_too_long_unused_are_replaced() {
    let (by_age, state, _) = pool(Limits {
        max_lifetime: Some(SHORT),
        ..LIMITS
    });
    let held = by_age.acquire().await.unwrap();
    sleep(SHORT * 2).await;
    drop(held);
    assert_eq!(
        *state.dropped.lock().unwrap(),
        [0],
        "it went when it came back"
    );
    assert_eq!(by_age.acquire().await.unwrap().0, 1);

    let (by_rest, state, _) = pool(Limits {
        idle_timeout: Some(SHORT),
        ..LIMITS
    });
    drop((
        by_rest.acquire().await.unwrap(),
        by_rest.acquire().await.unwrap(),
    ));
    sleep(SHORT * 2).await;
    assert_eq!(by_rest.acquire().await.unwrap().0, 2);
    assert_eq!(state.dropped.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn closing_waits_for_what_is_out_and_refuses_who_comes_later() {
    let (pool, state, _) = pool(LIMITS);
    let (one, other) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
    drop(other);
    let closing = tokio::spawn({
        let pool = pool.clone();
        async move { pool.close().await }
    });
    while pool.acquire().await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!closing.is_finished());
    drop(one);
    closing.await.unwrap();
    let mut closed = state.closed.lock().unwrap().clone();
    closed.sort_unstable();
    assert_eq!(closed, [0, 1]);
    assert_eq!(*state.dropped.lock().unwrap(), [] as [u32; 0]);
}

#[tokio::test]
async fn a_full_pool_takes_turns_until_one_holds_on_for_too_long() {
    let (busy, ..) = pool(LIMITS);
    assert!(!busy.is_turning(), "nothing was opened yet");
    let one = busy.acquire().await.unwrap();
    assert!(!busy.is_turning(), "another one is free");
    let other = busy.acquire().await.unwrap();
    assert!(busy.is_turning());
    drop((one, other));
    busy.close().await;
    assert!(!busy.is_turning(), "it is closed");

    let (stuck, ..) = pool(Limits {
        connections: 1,
        acquire_timeout: Duration::ZERO,
        ..LIMITS
    });
    let _held = stuck.acquire().await.unwrap();
    assert!(!stuck.is_turning());
}

/// Begins as many callers at a time.
fn callers(pool: &Pool<Numbers>, many: usize) -> JoinSet<Result<u32, DbErr>> {
    let all = (0..many).map(|_| {
        let pool = pool.clone();
        async move { pool.acquire().await.map(|lease| lease.0) }
    });
    all.collect()
}

#[tokio::test]
async fn a_server_that_is_away_is_asked_at_most_twice_a_second_however_many_call() {
    let limits = Limits {
        connections: 10,
        ..LIMITS
    };
    let (pool, state, answer) = pool(limits);
    *answer.lock().unwrap() = Answer::IsAway;
    for _ in 0..4 {
        let mut told = 0;
        for outcome in callers(&pool, 40).join_all().await {
            let words = outcome.unwrap_err().to_string();
            assert!(words.contains("connection refused"), "{words}");
            told += usize::from(words.contains("the next attempt to connect is in "));
        }
        assert_eq!(told, 39, "all but the one who tried");
    }
    let tried = state.tried.lock().unwrap().clone();
    assert_eq!(tried.len(), 4, "one attempt is for all who wait");
    for pair in tried.windows(2) {
        assert!(pair[1] - pair[0] >= Duration::from_millis(500), "{tried:?}");
    }
    // those who wait when it is back have connections, and not one after the other
    let waiting = callers(&pool, 40);
    *answer.lock().unwrap() = Answer::Connects;
    let served = waiting.join_all().await;
    assert!(served.iter().all(Result::is_ok), "{served:?}");
    assert_eq!(pool.used(), 0);
}

#[tokio::test]
async fn a_pool_that_grows_waits_for_nothing() {
    let limits = Limits {
        connections: 10,
        ..LIMITS
    };
    let (pool, state, _) = pool(limits);
    let mut leases = Vec::new();
    for _ in 0..10 {
        leases.push(pool.acquire().await.unwrap());
    }
    // a connection that breaks is replaced at once, again and again
    for _ in 0..10 {
        leases.pop().unwrap().lose();
        leases.push(pool.acquire().await.unwrap());
    }
    let tried = state.tried.lock().unwrap().clone();
    assert_eq!(tried.len(), 20);
    let took = tried[19] - tried[0];
    assert!(took < 18 * Duration::from_millis(500) / 2, "{took:?}");
}

#[tokio::test]
async fn a_caller_who_cannot_wait_for_the_next_attempt_is_told_when_it_is() {
    let limits = Limits {
        acquire_timeout: SHORT,
        ..LIMITS
    };
    let (pool, state, answer) = pool(limits);
    *answer.lock().unwrap() = Answer::IsAway;
    pool.acquire().await.map(drop).unwrap_err();
    let words = pool.acquire().await.map(drop).unwrap_err().to_string();
    assert!(
        words.contains("the next attempt to connect is in "),
        "{words}"
    );
    assert_eq!(state.tried.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_attempt_that_is_given_up_is_made_by_the_next_in_line() {
    let (pool, _, answer) = pool(LIMITS);
    *answer.lock().unwrap() = Answer::Hangs;
    let trying = tokio::spawn({
        let pool = pool.clone();
        async move { pool.acquire().await.map(drop) }
    });
    while pool.used() == 0 {
        tokio::task::yield_now().await;
    }
    let waiting = callers(&pool, 5);
    tokio::task::yield_now().await;
    *answer.lock().unwrap() = Answer::Connects;
    trying.abort();
    assert!(waiting.join_all().await.iter().all(Result::is_ok));
}
