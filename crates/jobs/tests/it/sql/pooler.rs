//! A pooler between a service and PostgreSQL that gives each transaction another connection: no message comes through.
//!
//! What stands for it here is a wire that takes all messages out of what the server says, and forwards the rest.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use atlas_db::{Db, DbConfig, Engine};
use atlas_jobs::{
    Handler, Handlers, Job, JobsConfig, Run, State, Worker, sql::SqlStore, store::Store,
};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{self, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use super::{
    engines::{TestStore, fresh},
    job,
};
use crate::schedule::until;

/// The kind of [`job`]s.
#[derive(Serialize, Deserialize)]
struct A {}

impl Job for A {
    const KIND: &'static str = "a";
}

struct Pooler {
    at: SocketAddr,
    swallows: watch::Sender<bool>,
}

impl Pooler {
    async fn to(server: String, swallows: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (swallows, told) = watch::channel(swallows);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server.clone(), told.clone()));
            }
        });
        Self { at, swallows }
    }

    fn store(&self, url: &str) -> SqlStore {
        let (start, rest) = url.split_once("://").unwrap();
        let (authority, path) = rest.split_once('/').unwrap();
        let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
        let url = format!("{start}://{user}@{}/{path}", self.at);
        SqlStore::new(Db::new(&DbConfig::at(&url)).unwrap())
    }
}

/// Carries one connection, until either side has enough.
async fn carry(
    mut client: TcpStream,
    server: String,
    swallows: watch::Receiver<bool>,
) -> io::Result<()> {
    let mut server = TcpStream::connect(server).await?;
    let mut begin = [0; 8];
    client.read_exact(&mut begin).await?;
    // a request to encrypt is answered with one letter; what is encrypted cannot be read
    if begin == [0, 0, 0, 8, 4, 210, 22, 47] {
        client.write_all(b"N").await?;
    } else {
        server.write_all(&begin).await?;
    }
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asks = tokio::spawn(async move { io::copy(&mut from_client, &mut to_server).await });
    let answers = async {
        loop {
            // the kind of a message, and its length without that
            let kind = from_server.read_u8().await?;
            let length = from_server.read_u32().await?;
            let mut rest = vec![0; length as usize - 4];
            from_server.read_exact(&mut rest).await?;
            if kind == b'A' && *swallows.borrow() {
                continue;
            }
            let mut whole = vec![kind];
            whole.extend(length.to_be_bytes());
            whole.extend(rest);
            to_client.write_all(&whole).await?;
        }
    };
    let ended: io::Result<()> = answers.await;
    asks.abort();
    ended
}

/// A worker that has this store.
struct Working {
    stop: CancellationToken,
    task: JoinHandle<atlas_jobs::Result<()>>,
}

impl Working {
    fn on(store: &SqlStore) -> Self {
        let mut config = JobsConfig::for_tests();
        config.poll_interval = Duration::from_millis(200).into();
        let handlers = Handlers::new(vec![Handler::of(|_: Run<A>| async {})]).unwrap();
        let worker = Worker::new(Arc::new(store.clone()), handlers, Vec::new(), &config);
        let stop = CancellationToken::new();
        let task = tokio::spawn(worker.run(stop.clone().cancelled_owned()));
        Self { stop, task }
    }

    async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}

/// Another process, which has the server itself, enqueues jobs one after the other; each is done.
async fn jobs_of_others_are_done(test: &TestStore) {
    for _ in 0..3 {
        let job = job("a");
        let id = job.id;
        test.store.enqueue(vec![job]).await.unwrap();
        until(|| async {
            let found = test.store.find(id).await.unwrap().unwrap();
            found.state == State::Completed
        })
        .await;
    }
}

async fn on_postgres(swallows: bool) -> Option<(TestStore, Pooler, SqlStore)> {
    let test = fresh(Engine::Postgres).await?;
    let rest = test.url.split_once("://").unwrap().1;
    let server = rest.split('/').next().unwrap().rsplit('@').next().unwrap();
    let pooler = Pooler::to(server.to_owned(), swallows).await;
    let store = pooler.store(&test.url);
    Some((test, pooler, store))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_behind_it_asks_for_work_and_is_woken_when_messages_come() {
    let Some((test, pooler, store)) = on_postgres(true).await else {
        return;
    };
    let working = Working::on(&store);
    until(|| async { !store.features().push }).await;
    jobs_of_others_are_done(&test).await;
    assert!(!store.features().push, "it has asked");
    pooler.swallows.send_replace(false);
    until(|| async { store.features().push }).await;
    jobs_of_others_are_done(&test).await;
    working.end().await;
    store.db().close().await;
    test.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_come_no_more_are_noticed_though_the_connection_is_open() {
    let Some((test, pooler, store)) = on_postgres(false).await else {
        return;
    };
    let working = Working::on(&store);
    jobs_of_others_are_done(&test).await;
    assert!(store.features().push);
    pooler.swallows.send_replace(true);
    until(|| async { !store.features().push }).await;
    jobs_of_others_are_done(&test).await;
    working.end().await;
    store.db().close().await;
    test.remove().await;
}
