//! Every engine keeps the promises of the port.

use std::{
    sync::{Arc, Mutex},
    thread,
};

use atlas_db::Engine;
use atlas_jobs::{
    Error,
    conformance::{Harness, Work, async_trait},
    store::Store,
};

use super::engines::{TestStore, fresh};

/// A store on an engine, in a database that goes when it does.
struct Sql {
    engine: Engine,
    test: Mutex<Option<TestStore>>,
}

impl Sql {
    fn on(engine: Engine) -> Self {
        Self {
            engine,
            test: Mutex::new(None),
        }
    }

    fn with<T>(&self, look: impl FnOnce(&TestStore) -> T) -> Option<T> {
        self.test.lock().unwrap().as_ref().map(look)
    }
}

#[async_trait]
impl Harness for Sql {
    async fn open(&self) -> Option<Arc<dyn Store>> {
        let test = fresh(self.engine).await?;
        let store = Arc::new(test.store.clone());
        *self.test.lock().unwrap() = Some(test);
        Some(store)
    }

    async fn reopen(&self) -> Option<Arc<dyn Store>> {
        self.with(|test| Arc::new(test.another(|_| {})) as Arc<dyn Store>)
    }

    async fn transaction(&self, work: Work<'_>, commit: bool) {
        let db = self.with(|test| test.db.clone()).unwrap();
        let ended: Result<(), Error> = db
            .transaction(|| async {
                work.await;
                match commit {
                    true => Ok(()),
                    false => Err(Error::Invalid("rolled back".into())),
                }
            })
            .await;
        assert_eq!(ended.is_ok(), commit, "{ended:?}");
    }
}

impl Drop for Sql {
    fn drop(&mut self) {
        let Ok(Some(test)) = self.test.lock().map(|mut test| test.take()) else {
            return;
        };
        // the runtime of the case is still at work around this
        let removed = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(test.remove());
        });
        if !thread::panicking() {
            removed.join().unwrap();
        }
    }
}

atlas_jobs::conformance!(sqlite, Sql::on(Engine::Sqlite));
atlas_jobs::conformance!(postgres, Sql::on(Engine::Postgres));
atlas_jobs::conformance!(mariadb, Sql::on(Engine::MariaDb));
atlas_jobs::conformance!(mysql, Sql::on(Engine::MySql));
