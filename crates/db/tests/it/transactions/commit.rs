//! Commits that fail, and those whose answer is lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU32, Ordering},
    },
    time::Duration,
};

use atlas_db::{
    Db, DbConfig, Engine, Error, TransactionOptions,
    sea_orm::{ConnectionTrait, TransactionSession, TransactionTrait},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use crate::support::{
    Place,
    engines::{TestDb, on_every_engine},
    ids, note, write,
};

const OPEN: u8 = 0;
/// What the client sends next arrives, its answer does not.
const SWALLOW_ANSWER: u8 = 1;
/// What the client sends next does not arrive.
const SWALLOW_QUESTION: u8 = 2;

/// A way to a server that can be cut.
struct Wire {
    port: u16,
    state: Arc<AtomicU8>,
}

impl Wire {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(AtomicU8::new(OPEN));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(carry(client, server, Arc::clone(&shared)));
            }
        });
        Self { port, state }
    }
}

async fn carry(client: TcpStream, server: TcpStream, state: Arc<AtomicU8>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let down = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
        let cut = state.swap(OPEN, Ordering::SeqCst);
        if cut == SWALLOW_ANSWER {
            down.abort();
            to_server.write_all(&buffer[..count]).await.unwrap();
            // the server has done it when it has answered; nobody reads the answer
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        if cut != OPEN || to_server.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
    down.abort();
}

/// The address and the URL of the same database by way of a wire, in the clear.
async fn wired(test: &TestDb) -> (Wire, String) {
    let (scheme, rest) = test.url.split_once("://").unwrap();
    let (credentials, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
    let (address, rest) = rest.split_once('/').unwrap();
    let address = if address.contains(':') {
        address.to_owned()
    } else if scheme.starts_with("postgres") {
        format!("{address}:5432")
    } else {
        format!("{address}:3306")
    };
    let name = rest.split('?').next().unwrap();
    let wire = Wire::to(address).await;
    let plain = if scheme.starts_with("postgres") {
        "sslmode=disable"
    } else {
        "ssl-mode=disabled"
    };
    let at = if credentials.is_empty() { "" } else { "@" };
    let url = format!(
        "{scheme}://{credentials}{at}127.0.0.1:{}/{name}?{plain}",
        wire.port
    );
    (wire, url)
}

on_every_engine! {
    async fn a_lost_answer_to_a_commit_is_an_error_of_its_own(test: TestDb) {
        if test.engine == Engine::Sqlite {
            // there is no way in between that could break
            return;
        }
        note::create(&test.db).await;
        let (wire, url) = wired(test).await;
        let db = Db::new(&DbConfig::at(url)).unwrap();
        for (id, cut) in [(1, SWALLOW_ANSWER), (2, SWALLOW_QUESTION)] {
            let attempts = AtomicU32::new(0);
            let hooks = Arc::new(AtomicU32::new(0));
            let outcome = db
                .transaction_with(TransactionOptions::new(), || async {
                    attempts.fetch_add(1, Ordering::Relaxed);
                    write(&db, id).await?;
                    let hooks = Arc::clone(&hooks);
                    db.after_commit(move || async move { hooks.fetch_add(1, Ordering::Relaxed); }).await;
                    wire.state.store(cut, Ordering::SeqCst);
                    Ok::<_, Error>(())
                })
                .await;
            let error = outcome.unwrap_err();
            assert!(error.is_commit_unknown() && !error.is_transient(), "{error}");
            let domain = atlas_core::Error::from(error);
            assert_eq!(domain.code(), "commit_unknown");
            assert_eq!(attempts.into_inner(), 1, "it is never done twice");
            assert_eq!(hooks.load(Ordering::Relaxed), 0);
            db.ping().await.unwrap();
        }
        // and indeed either may be the case
        timeout(Duration::from_secs(10), async {
            while ids(&test.db).await != [1] {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
        assert_eq!(ids(&db).await, [1]);
        db.close().await;
    }

    async fn a_lost_answer_is_known_by_way_of_the_orm_too(test: TestDb) {
        if test.engine == Engine::Sqlite {
            return;
        }
        note::create(&test.db).await;
        let (wire, url) = wired(test).await;
        let db = Db::new(&DbConfig::at(url)).unwrap();
        let open = TransactionTrait::begin(&db).await.unwrap();
        open.execute_unprepared("INSERT INTO notes VALUES (1, 'one')").await.unwrap();
        wire.state.store(SWALLOW_ANSWER, Ordering::SeqCst);
        let error = Error::from(open.commit().await.unwrap_err());
        assert!(error.is_commit_unknown(), "{error}");
        let back = Error::from(error.into_inner());
        assert!(back.is_commit_unknown());
        db.close().await;
    }

    async fn a_connection_that_breaks_before_the_commit_is_no_doubt(test: TestDb) {
        if test.engine == Engine::Sqlite {
            return;
        }
        note::create(&test.db).await;
        let (wire, url) = wired(test).await;
        let db = Db::new(&DbConfig::at(url)).unwrap();
        let outcome = db
            .transaction(|| async {
                write(&db, 1).await?;
                wire.state.store(SWALLOW_QUESTION, Ordering::SeqCst);
                assert!(write(&db, 2).await.unwrap_err().is_connection_lost());
                assert!(write(&db, 3).await.unwrap_err().is_connection_lost());
                Ok::<_, Error>(())
            })
            .await;
        let error = outcome.unwrap_err();
        assert!(error.is_connection_lost() && !error.is_commit_unknown(), "{error}");
        assert_eq!(ids(&db).await, [] as [i64; 0]);
        db.close().await;
    }
}

#[tokio::test]
async fn a_commit_that_is_refused_leaves_a_usable_connection() {
    let (_place, db) = Place::with_notes().await;
    let outcome: Result<(), Error> = db
        .transaction(|| async {
            db.execute_unprepared("PRAGMA defer_foreign_keys = ON")
                .await?;
            db.execute_unprepared("INSERT INTO replies VALUES (99)")
                .await?;
            Ok(())
        })
        .await;
    let error = outcome.unwrap_err();
    assert_eq!(error.to_string(), "FOREIGN KEY constraint failed");
    assert!(!error.is_commit_unknown());
    write(&db, 1).await.unwrap();
    assert_eq!(ids(&db).await, [1]);
}
