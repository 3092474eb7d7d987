//! Every message of check, start and stop, word by word.

use std::{future::pending, sync::Arc, time::Duration};

use atlas_core::{App, Component, Diagnostic, Lifecycle, Module};

use crate::{
    golden::golden,
    journal::{Journal, soon},
};

macro_rules! components {
    ($($name:ident)*) => {
        $(#[derive(Clone)] struct $name; impl Component for $name {})*
    };
}
components!(Cache Clock Db Ping Pong Routes);

trait Orders: Send + Sync {}
impl Orders for Db {}

mod audit {
    pub(super) fn record(_: super::Clock) {}
    pub(super) fn count(_: super::Clock) {}
}

mod time {
    use std::sync::Arc;

    pub(super) fn clock() -> Arc<super::Clock> {
        Arc::new(super::Clock)
    }
}

mod db {
    pub(super) fn connect() -> super::Db {
        super::Db
    }

    pub(super) async fn refused() -> Result<super::Db, std::io::Error> {
        Err(std::io::Error::other(
            "connection to `postgres://down` refused",
        ))
    }
}

mod orders {
    use std::sync::Arc;

    pub(super) fn repository(db: super::Db) -> Arc<dyn super::Orders> {
        Arc::new(db)
    }

    pub(super) fn cached(inner: Arc<dyn super::Orders>) -> Arc<dyn super::Orders> {
        inner
    }

    pub(super) fn routes(_: Arc<dyn super::Orders>) -> super::Routes {
        super::Routes
    }
}

mod http {
    pub(super) fn serve(_: Vec<super::Routes>) {}
}

mod other {
    #[derive(Clone)]
    pub(super) struct Clock;
    impl atlas_core::Component for Clock {}
}

fn app(module: Module) -> App {
    App::new("shop").module(module)
}

#[track_caller]
fn wrong(name: &str, app: App) {
    golden(
        &format!("{name}.txt"),
        &app.check().unwrap_err().to_string(),
    );
}

async fn broken(name: &str, app: App) {
    let error = match soon(app.handle_signals(false).run()).await {
        Ok(status) => panic!("ended with {status:?}"),
        Err(error) => error.to_string(),
    };
    golden(&format!("{name}.txt"), &error);
}

#[test]
fn a001_missing_component() {
    wrong(
        "a001_missing",
        app(Module::new("audit")
            .invoke(audit::record)
            .invoke(audit::count)),
    );
}

#[test]
fn a001_suggests_the_same_type_in_another_wrapper() {
    wrong(
        "a001_wrapped",
        app(Module::new("audit")
            .provide(time::clock)
            .invoke(audit::record)),
    );
}

#[test]
fn a001_tells_types_of_one_name_apart() {
    wrong(
        "a001_same_name",
        app(Module::new("audit")
            .supply(other::Clock)
            .invoke(audit::record)),
    );
}

#[test]
fn a001_knows_what_is_contributed() {
    wrong(
        "a001_contributed",
        app(Module::new("audit")
            .contribute(|| Clock)
            .invoke(audit::record)),
    );
}

#[test]
fn a001_knows_what_is_provided_but_never_contributed() {
    wrong(
        "a001_never_contributed",
        app(Module::new("http")
            .provide(|| Routes)
            .process("http", http::serve)),
    );
}

#[test]
fn a001_shows_the_path_from_a_root() {
    let module = Module::new("orders")
        .provide(orders::repository)
        .contribute(orders::routes);
    wrong(
        "a001_path",
        app(module.module(Module::new("http").process("http", http::serve))),
    );
}

#[tokio::test]
async fn a001_names_who_asked_from_outside() {
    wrong("a001_exposed", app(Module::new("m")).expose::<Clock>());
    let error = app(Module::new("m"))
        .resolve::<Clock>()
        .await
        .map(drop)
        .unwrap_err();
    assert!(error.graph().is_some() && error.code().is_none(), "{error}");
    golden("a001_resolved.txt", &error.to_string());
}

#[test]
fn a002_provided_twice() {
    wrong(
        "a002_twice",
        app(Module::new("db").provide(db::connect)).module(Module::new("reports").provide(|| Db)),
    );
}

#[test]
fn a002_the_same_module_added_twice() {
    let module = || Module::new("db").provide(db::connect);
    wrong("a002_same_module", app(module()).module(module()));
}

#[test]
fn a003_a_ring() {
    wrong(
        "a003_ring",
        app(Module::new("game")
            .provide(|_: Pong| Ping)
            .provide(|_: Ping| Pong)),
    );
}

#[test]
fn a004_nothing_to_replace() {
    wrong(
        "a004_replace",
        app(Module::new("m")).with(|m| m.replace(db::connect)),
    );
}

#[test]
fn a005_replaced_twice() {
    let overrides = |m: Module| m.replace(|| Db).replace(db::connect);
    wrong(
        "a005_replaced_twice",
        app(Module::new("db").provide(db::connect)).with(overrides),
    );
}

#[test]
fn a006_nothing_to_decorate() {
    wrong(
        "a006_decorate",
        app(Module::new("orders")
            .decorate(|cache: Cache| cache)
            .decorate(orders::cached)),
    );
}

#[test]
fn a006_a_decorator_that_ignores_the_inner_one() {
    wrong(
        "a006_ignores",
        app(Module::new("db").provide(db::connect).decorate(|| Db)),
    );
}

#[test]
fn a007_no_such_process() {
    let module = || {
        Module::new("m")
            .process("worker", || {})
            .process("http", || {})
    };
    wrong("a007_no_process", app(module()).only(&["wroker"]));
    wrong(
        "a007_no_process_at_all",
        app(Module::new("m")).only(&["http"]),
    );
}

#[test]
fn every_problem_is_found_at_once_and_no_constructor_runs() {
    let never = || -> Db { panic!("a constructor ran") };
    let module = Module::new("shop")
        .invoke(audit::record)
        .provide(time::clock)
        .provide(never)
        .provide(db::connect)
        .provide(|_: Pong| Ping)
        .provide(|_: Ping| Pong)
        .decorate(|cache: Cache| cache);
    wrong(
        "every_problem",
        app(module).with(|m| m.replace(|| Routes)).only(&["htpt"]),
    );
}

#[tokio::test]
async fn a101_a_constructor_that_fails() {
    let module = Module::new("shop")
        .provide(db::refused)
        .provide(orders::repository)
        .decorate(orders::cached)
        .contribute(orders::routes)
        .process("http", http::serve);
    broken("a101_failed", app(module)).await;
}

#[tokio::test]
async fn a101_shows_the_chain_of_causes_and_what_was_rolled_back() {
    #[derive(Debug)]
    struct Pool(std::io::Error);
    impl std::fmt::Display for Pool {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("no connection in the pool")
        }
    }
    impl std::error::Error for Pool {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    fn cache(lifecycle: Lifecycle) -> Cache {
        lifecycle.on_stop(|| async {});
        lifecycle.on_stop_named("flush", || async { Err("disk full") });
        Cache
    }
    fn pool(_: Cache) -> Result<Db, Pool> {
        Err(Pool(std::io::Error::other("connection reset")))
    }
    broken(
        "a101_causes",
        app(Module::new("db")
            .provide(cache)
            .provide(pool)
            .invoke(|_: Db| {})),
    )
    .await;
}

#[tokio::test]
async fn a101_a_constructor_that_panics() {
    fn boom() -> Db {
        panic!("index out of bounds")
    }
    broken(
        "a101_panicked",
        app(Module::new("db").provide(boom).invoke(|_: Db| {})),
    )
    .await;
}

#[tokio::test]
async fn a101_a_constructor_that_hangs() {
    async fn hang() -> Db {
        pending().await
    }
    let app = app(Module::new("db").provide(hang).invoke(|_: Db| {}));
    broken("a101_hangs", app.start_timeout(Duration::from_millis(20))).await;
}

#[tokio::test]
async fn a_diagnostic_keeps_its_code_and_gains_the_path() {
    fn bind(_: Clock) -> Result<Routes, Diagnostic> {
        let busy = std::io::Error::other("address in use (os error 98)");
        let error = Diagnostic::new("A201", "port 8080 is in use")
            .place("http.port, from config/default.toml:4:8");
        Err(error
            .help("choose another: `ATLAS_HTTP__PORT=8081`")
            .help("or stop the other process")
            .exit(69)
            .source(busy))
    }
    let module = Module::new("http")
        .supply(Clock)
        .provide(bind)
        .process("http", |_: Routes| {});
    broken("diagnostic_constructor", app(module)).await;
    let module = Module::new("http").process("http", |lifecycle: Lifecycle| {
        lifecycle.on_start_named("listen", || async { bind(Clock).map(drop) });
    });
    broken("diagnostic_hook", app(module)).await;
    let module = Module::new("http").process("http", |lifecycle: Lifecycle| {
        lifecycle.spawn(async |_| bind(Clock).map(drop));
    });
    broken("diagnostic_task", app(module)).await;
}

fn warm_up(_: Cache, lifecycle: Lifecycle) {
    lifecycle
        .limit(Duration::from_millis(20))
        .on_start(pending::<()>);
}

fn cache(lifecycle: Lifecycle) -> Cache {
    Journal::default().pair(&lifecycle, "cache");
    Cache
}

#[tokio::test]
async fn a102_a_start_hook_that_hangs() {
    broken(
        "a102_hangs",
        app(Module::new("search").provide(cache).invoke(warm_up)),
    )
    .await;
}

#[tokio::test]
async fn a102_a_start_hook_that_fails_or_panics() {
    fn fail(lifecycle: Lifecycle) {
        lifecycle.on_start_named("warm", || async { Err("no index") });
    }
    fn boom(lifecycle: Lifecycle) {
        lifecycle.on_start(|| async { panic_now() });
    }
    broken("a102_failed", app(Module::new("search").invoke(fail))).await;
    broken("a102_panicked", app(Module::new("search").invoke(boom))).await;
}

fn panic_now() {
    panic!("out of luck");
}

#[tokio::test]
async fn a102_a_start_that_takes_too_long_as_a_whole() {
    fn slow(lifecycle: Lifecycle) {
        lifecycle.on_start(pending::<()>);
    }
    let app = app(Module::new("search")
        .provide(cache)
        .invoke(|_: Cache| {})
        .invoke(slow));
    broken(
        "a102_overtime",
        app.start_timeout(Duration::from_millis(100)),
    )
    .await;
}

#[tokio::test]
async fn a102_a_task_that_dies_while_others_start() {
    fn poll(lifecycle: Lifecycle) {
        lifecycle.spawn_named("poller", async |_| Err("lost the broker"));
    }
    fn slow(lifecycle: Lifecycle) {
        lifecycle.on_start(pending::<()>);
    }
    broken(
        "a102_task",
        app(Module::new("events").invoke(poll).invoke(slow)),
    )
    .await;
}

#[tokio::test]
async fn a103_stop_hooks_that_fail() {
    fn flush(lifecycle: Lifecycle) {
        lifecycle
            .limit(Duration::from_millis(20))
            .on_stop(pending::<()>);
    }
    fn close(_: Arc<dyn Orders>, lifecycle: Lifecycle) {
        lifecycle.on_stop_named("close", || async {
            Err(std::io::Error::other("broken pipe"))
        });
    }
    let ended = |l: Lifecycle, shutdown: atlas_core::Shutdown| {
        l.on_start(move || async move { shutdown.request(0) });
    };
    let run = |module: Module| app(module.invoke(ended));
    let once = |module: Module, name: &'static str| async move {
        let running = app(module).start().await.unwrap();
        golden(
            &format!("{name}.txt"),
            &soon(running.stop()).await.unwrap_err().to_string(),
        );
    };
    once(Module::new("events").invoke(flush), "a103_one").await;
    let orders = Module::new("orders")
        .provide(db::connect)
        .provide(orders::repository);
    once(
        orders
            .invoke(|| {})
            .provide(|| Cache)
            .invoke(flush)
            .invoke(close),
        "a103_two",
    )
    .await;
    broken(
        "a103_during_rollback",
        run(Module::new("events").invoke(flush)),
    )
    .await;
}

#[test]
fn places_are_where_the_call_stands() {
    let (module, line) = (Module::new("audit").invoke(audit::record), line!());
    let errors = app(module).check().unwrap_err();
    let place = &errors.problems()[0].places()[0];
    assert!(
        place.starts_with(&format!("crates/core/tests/it/messages.rs:{line}:")),
        "{place}"
    );
}
