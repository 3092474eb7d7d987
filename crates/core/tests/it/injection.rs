//! Who gets what.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use atlas_core::{App, BoxError, Component, Inputs, Module, Named, Need, Param};

#[derive(Clone, Debug, PartialEq)]
struct Name(String);
impl Component for Name {}

#[derive(Clone, Debug, PartialEq)]
struct Length(usize);
impl Component for Length {}

fn name(text: &str) -> Name {
    Name(text.to_owned())
}

#[tokio::test]
async fn constructors_may_be_sync_async_or_fallible() {
    let module = Module::new("names")
        .provide(|| name("atlas"))
        .provide(async |name: Name| Ok::<_, BoxError>(Length(name.0.len())))
        .provide(|length: Length| -> Result<Arc<str>, BoxError> {
            Ok(Arc::from(format!("{} letters", length.0)))
        });
    let text: Arc<str> = App::new("t").module(module).resolve().await.unwrap();
    assert_eq!(&*text, "5 letters");
}

#[tokio::test]
async fn a_constructor_runs_once_and_only_when_needed() {
    let (used, unused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (count, never) = (Arc::clone(&used), Arc::clone(&unused));
    let module = Module::new("m")
        .provide(move || {
            count.fetch_add(1, SeqCst);
            name("one")
        })
        .provide(move || {
            never.fetch_add(1, SeqCst);
            Length(1)
        })
        .invoke(|_: Name, _: Name, _: Option<Name>| {})
        .invoke(|_: Name| {});
    App::new("t")
        .module(module)
        .start()
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    assert_eq!((used.load(SeqCst), unused.load(SeqCst)), (1, 0));
}

#[tokio::test]
async fn an_optional_component_may_be_absent() {
    let app = || App::new("t").module(Module::new("m").supply(name("x")));
    assert_eq!(
        app().resolve::<Option<Name>>().await.unwrap(),
        Some(name("x"))
    );
    assert_eq!(app().resolve::<Option<Length>>().await.unwrap(), None);
}

#[tokio::test]
async fn an_optional_component_that_fails_is_an_error() {
    let module = Module::new("m").provide(|| Err::<Name, _>("no name"));
    let error = App::new("t")
        .module(module)
        .resolve::<Option<Name>>()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("A101"));
}

#[tokio::test]
async fn groups_come_in_order_of_registration_across_modules() {
    let inner = Module::new("inner").contribute(|| name("b"));
    let app = App::new("t")
        .module(
            Module::new("first")
                .contribute(|| name("a"))
                .module(inner)
                .contribute(|| name("c")),
        )
        .module(Module::new("second").contribute(async || name("d")));
    let names: Vec<String> = app
        .resolve::<Vec<Name>>()
        .await
        .unwrap()
        .into_iter()
        .map(|name| name.0)
        .collect();
    assert_eq!(names.join(""), "abcd");
}

#[tokio::test]
async fn nothing_contributed_is_an_empty_list() {
    assert!(
        App::new("t")
            .resolve::<Vec<Name>>()
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn named_values_of_one_type_are_told_apart() {
    struct Replica;
    let module = Module::new("m")
        .supply(name("primary"))
        .provide(|| Named::<Replica, _>::new(name("replica")));
    let (one, other): (Name, Named<Replica, Name>) =
        App::new("t").module(module).resolve().await.unwrap();
    assert_eq!((one.0.as_str(), other.0.as_str()), ("primary", "replica"));
}

trait Speak: Send + Sync {
    fn speak(&self) -> String;
}

impl Speak for Name {
    fn speak(&self) -> String {
        self.0.clone()
    }
}

struct Louder(Arc<dyn Speak>, &'static str);

impl Speak for Louder {
    fn speak(&self) -> String {
        format!("{}{}", self.0.speak(), self.1)
    }
}

fn spoken(inner: Arc<dyn Speak>, mark: &'static str) -> Arc<dyn Speak> {
    Arc::new(Louder(inner, mark))
}

fn speaker() -> Module {
    Module::new("speaker")
        .decorate(|inner: Arc<dyn Speak>| spoken(inner, "!"))
        .provide(|| -> Arc<dyn Speak> { Arc::new(name("hey")) })
        .decorate(async |inner: Arc<dyn Speak>| Ok::<_, BoxError>(spoken(inner, "?")))
        .provide(|speaker: Arc<dyn Speak>| Length(speaker.speak().len()))
}

#[tokio::test]
async fn decorators_stack_the_first_innermost_and_all_others_get_the_outermost() {
    let (speaker, length): (Arc<dyn Speak>, Length) =
        App::new("t").module(speaker()).resolve().await.unwrap();
    assert_eq!((speaker.speak().as_str(), length), ("hey!?", Length(5)));
}

#[tokio::test]
async fn a_replacement_takes_the_place_of_provider_and_decorators() {
    let app = App::new("t").module(speaker());
    let app = app.with(|m| m.replace(|| -> Arc<dyn Speak> { Arc::new(name("fake")) }));
    let speaker: Arc<dyn Speak> = app.resolve().await.unwrap();
    assert_eq!(speaker.speak(), "fake");
}

#[tokio::test]
async fn a_later_set_of_overrides_wins_and_may_decorate() {
    let app = App::new("t").module(Module::new("m").provide(|| name("real")));
    let app = app.with(|m| m.replace(|| name("one")));
    let app = app.with(|m| {
        m.replace(|| name("two"))
            .decorate(|inner: Name| Name(inner.0 + "+"))
    });
    assert_eq!(app.resolve::<Name>().await.unwrap(), name("two+"));
}

#[tokio::test]
async fn what_a_replaced_component_needed_is_not_built() {
    let module = Module::new("m")
        .provide(|| -> Length { panic!("the database is never connected") })
        .provide(|_: Length| name("real"))
        .invoke(|_: Name| {});
    let app = App::new("t")
        .module(module)
        .with(|m| m.replace(|| name("fake")));
    app.start().await.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn twelve_mixed_arguments_and_nested_tuples_are_fine() {
    type Four = (Name, Option<Length>, Vec<Length>, Named<u8, Name>);
    let module = Module::new("m")
        .supply(name("x"))
        .supply(Named::<u8, _>::new(name("y")))
        .provide(
            |a: Name,
             _: Four,
             _: Four,
             _: Four,
             _: Four,
             _: Four,
             _: Four,
             _: Four,
             _: Four,
             _: Four,
             _: Four,
             l: (Four, Four)| { Arc::<str>::from(format!("{}{}", a.0, l.1.3.0)) },
        );
    let text: Arc<str> = App::new("t").module(module).resolve().await.unwrap();
    assert_eq!(&*text, "xy");
}

#[tokio::test]
async fn only_the_selected_processes_run() {
    let app = |only: &[&str]| {
        let ran = Arc::new(std::sync::Mutex::new(Vec::new()));
        let note = |what: &'static str| {
            let ran = Arc::clone(&ran);
            move || ran.lock().unwrap().push(what)
        };
        let module = Module::new("m")
            .process("http", note("http"))
            .process("worker", note("worker"))
            .invoke(note("invoked"));
        (App::new("t").module(module).only(only), ran)
    };
    for (only, expected) in [
        (&["worker"][..], "worker invoked"),
        (&[], ""),
        (&["worker", "http"], "http worker invoked"),
    ] {
        let (app, ran) = app(only);
        assert_eq!(app.processes(), ["http", "worker"]);
        app.start().await.unwrap().stop().await.unwrap();
        assert_eq!(ran.lock().unwrap().join(" "), expected);
    }
}

#[tokio::test]
async fn what_is_exposed_can_be_taken_from_the_running_app() {
    let module = Module::new("m")
        .supply(name("x"))
        .contribute(|| Length(1))
        .contribute(|| Length(2));
    let running = App::new("t")
        .module(module)
        .expose::<Name>()
        .expose::<Vec<Length>>()
        .start()
        .await
        .unwrap();
    assert_eq!(running.get::<Name>(), Some(name("x")));
    assert_eq!(
        running.get::<Vec<Length>>(),
        Some(vec![Length(1), Length(2)])
    );
    assert!(running.get::<Arc<str>>().is_none());
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_struct_of_arguments_is_an_argument() {
    struct Needs {
        name: Name,
        lengths: Vec<Length>,
    }
    // As `derive(Params)` writes it.
    impl Param for Needs {
        fn needs(out: &mut Vec<Need>) {
            <Name as Param>::needs(out);
            <Vec<Length> as Param>::needs(out);
        }

        fn take(from: &Inputs<'_>) -> Self {
            Self {
                name: Param::take(from),
                lengths: Param::take(from),
            }
        }
    }
    fn describe(needs: Needs) -> Arc<str> {
        Arc::from(format!("{} {}", needs.name.0, needs.lengths.len()))
    }
    let module = Module::new("m")
        .supply(name("x"))
        .contribute(|| Length(1))
        .provide(describe);
    let text: Arc<str> = App::new("t").module(module).resolve().await.unwrap();
    assert_eq!(&*text, "x 1");
}

#[tokio::test]
async fn an_app_may_be_run_in_a_task_of_its_own() {
    let module = Module::new("m").invoke(|shutdown: atlas_core::Shutdown| shutdown.request(5));
    let status = tokio::spawn(App::new("t").module(module).handle_signals(false).run())
        .await
        .unwrap();
    assert_eq!(status.unwrap().code(), 5);
}

#[test]
fn functions_of_one_process_name_are_selected_together() {
    let module = Module::new("m")
        .process("http", || {})
        .process("http", || {})
        .process("worker", || {});
    let app = App::new("t").module(module).only(&["http"]);
    assert_eq!(app.processes(), ["http", "worker"]);
    app.check().unwrap();
}
