//! Where a constructor registers what is to happen at start and at stop.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::Shutdown;
use crate::{
    BoxError,
    inject::{Effect, Ready},
};

pub(super) type Finished = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// The deadline of a hook that sets none.
const DEFAULT_LIMIT: Duration = Duration::from_secs(15);

/// The hooks and tasks of one constructor: an argument of it.
///
/// What is registered forms a sequence. Starting walks it: start hooks run one after the other, tasks begin, stop hooks
/// are remembered as they are passed. Stopping unwinds exactly what was walked, last first. So a stop hook registered
/// before a start hook runs even when that start hook fails; one registered after it does not.
///
/// Constructors that do not depend on each other have their hooks run at the same time, at start and at stop.
///
/// ```
/// # use atlas_core::{App, Component, Lifecycle, Module};
/// # #[derive(Clone)] struct Index;
/// # impl Component for Index {}
/// # impl Index { async fn warm(&self) {} async fn flush(&self) -> Result<(), std::io::Error> { Ok(()) } }
/// fn index(lifecycle: Lifecycle) -> Index {
///     let (index, warm, flush) = (Index, Index, Index);
///     lifecycle.on_start(move || async move { warm.warm().await });
///     lifecycle.on_stop(move || async move { flush.flush().await });
///     index
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let running = App::new("search").module(Module::new("index").provide(index)).expose::<Index>().start().await;
/// running.expect("it starts").stop().await.expect("it stops");
/// # }
/// ```
#[derive(Clone)]
pub struct Lifecycle {
    desk: Arc<Desk>,
}

impl Lifecycle {
    pub(crate) fn at(desk: Arc<Desk>) -> Self {
        Self { desk }
    }

    /// The constructor these hooks belong to, as messages name it.
    pub fn name(&self) -> &str {
        &self.desk.owner
    }

    /// Gives each hook and task registered from here on its own deadline (15 s until this is called). For a task it is
    /// the time it has to end once it was told to.
    pub fn limit(&self, limit: Duration) -> &Self {
        self.desk.state().limit = limit;
        self
    }

    /// Runs `hook` at start, when all that this constructor depends on has started.
    pub fn on_start<H, F>(&self, hook: H)
    where
        H: FnOnce() -> F + Send + 'static,
        F: Future<Output: Effect<Ready> + Send> + Send + 'static,
    {
        self.push_hook(Moment::Start, None, erase(hook));
    }

    /// [`Lifecycle::on_start`] with a name for messages, for a constructor with several hooks.
    pub fn on_start_named<H, F>(&self, name: &'static str, hook: H)
    where
        H: FnOnce() -> F + Send + 'static,
        F: Future<Output: Effect<Ready> + Send> + Send + 'static,
    {
        self.push_hook(Moment::Start, Some(name), erase(hook));
    }

    /// Runs `hook` at stop, when all that depend on this constructor have stopped.
    pub fn on_stop<H, F>(&self, hook: H)
    where
        H: FnOnce() -> F + Send + 'static,
        F: Future<Output: Effect<Ready> + Send> + Send + 'static,
    {
        self.push_hook(Moment::Stop, None, erase(hook));
    }

    /// [`Lifecycle::on_stop`] with a name for messages, for a constructor with several hooks.
    pub fn on_stop_named<H, F>(&self, name: &'static str, hook: H)
    where
        H: FnOnce() -> F + Send + 'static,
        F: Future<Output: Effect<Ready> + Send> + Send + 'static,
    {
        self.push_hook(Moment::Stop, Some(name), erase(hook));
    }

    /// Runs `task` from start until its [`Shutdown`] is triggered, when all that depend on this constructor have
    /// stopped. A task that ends before, or panics, ends the app; one that has done all its work calls
    /// [`Shutdown::request`].
    pub fn spawn<T, F>(&self, task: T)
    where
        T: FnOnce(Shutdown) -> F + Send + 'static,
        F: Future<Output: Effect<Ready> + Send> + Send + 'static,
    {
        self.push_task(None, Box::new(move |shutdown| finish(task(shutdown))));
    }

    /// [`Lifecycle::spawn`] with a name for messages, for a constructor with several tasks.
    pub fn spawn_named<T, F>(&self, name: &'static str, task: T)
    where
        T: FnOnce(Shutdown) -> F + Send + 'static,
        F: Future<Output: Effect<Ready> + Send> + Send + 'static,
    {
        self.push_task(Some(name), Box::new(move |shutdown| finish(task(shutdown))));
    }

    fn push_hook(&self, moment: Moment, name: Option<&'static str>, run: Run) {
        let name = self.desk.title(moment.words(), name);
        let mut state = self.desk.state();
        let hook = Hook {
            name,
            limit: state.limit,
            run,
        };
        state.push(match moment {
            Moment::Start => Item::Start(hook),
            Moment::Stop => Item::Stop(hook),
        });
    }

    fn push_task(&self, name: Option<&'static str>, run: RunTask) {
        let name = self.desk.title("task", name);
        let mut state = self.desk.state();
        let task = Task {
            name,
            limit: state.limit,
            run,
        };
        state.push(Item::Task(task));
    }
}

impl fmt::Debug for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lifecycle")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

fn erase<H, F>(hook: H) -> Run
where
    H: FnOnce() -> F + Send + 'static,
    F: Future<Output: Effect<Ready> + Send> + Send + 'static,
{
    Box::new(move || finish(hook()))
}

fn finish<F>(future: F) -> Finished
where
    F: Future<Output: Effect<Ready> + Send> + Send + 'static,
{
    Box::pin(async move { future.await.settle().finish().await.map(drop) })
}

#[derive(Clone, Copy)]
enum Moment {
    Start,
    Stop,
}

impl Moment {
    fn words(self) -> &'static str {
        match self {
            Self::Start => "start hook",
            Self::Stop => "stop hook",
        }
    }
}

type Run = Box<dyn FnOnce() -> Finished + Send>;
type RunTask = Box<dyn FnOnce(Shutdown) -> Finished + Send>;

pub(super) struct Hook {
    pub(super) name: Arc<str>,
    pub(super) limit: Duration,
    pub(super) run: Run,
}

pub(super) struct Task {
    pub(super) name: Arc<str>,
    pub(super) limit: Duration,
    pub(super) run: RunTask,
}

pub(super) enum Item {
    Start(Hook),
    Stop(Hook),
    Task(Task),
}

/// The sequence one constructor registered.
pub(crate) struct Desk {
    owner: Arc<str>,
    state: Mutex<State>,
}

struct State {
    queue: VecDeque<Item>,
    limit: Duration,
    walked: bool,
    closed: bool,
}

impl State {
    fn push(&mut self, item: Item) {
        if self.closed {
            let (Item::Start(Hook { name, .. })
            | Item::Stop(Hook { name, .. })
            | Item::Task(Task { name, .. })) = &item;
            tracing::error!(
                target: "atlas::lifecycle", event = "registered_too_late", name = %name,
                "ignored: register hooks in the constructor or in one of its start hooks",
            );
            return;
        }
        self.queue.push_back(item);
    }
}

impl Desk {
    pub(crate) fn new(owner: Arc<str>) -> Self {
        let state = State {
            queue: VecDeque::new(),
            limit: DEFAULT_LIMIT,
            walked: false,
            closed: false,
        };
        Self {
            owner,
            state: Mutex::new(state),
        }
    }

    pub(super) fn owner(&self) -> &Arc<str> {
        &self.owner
    }

    pub(super) fn is_empty(&self) -> bool {
        self.state().queue.is_empty()
    }

    /// The next of the sequence; once there is none, nothing more is taken.
    pub(super) fn next(&self) -> Option<Item> {
        let mut state = self.state();
        state.walked = true;
        let next = state.queue.pop_front();
        state.closed = next.is_none();
        next
    }

    /// Ends the sequence. If its walk never began, gives the stop hooks that need no start hook to have run: those
    /// that stand before the first one.
    pub(super) fn close(&self) -> Vec<Hook> {
        let mut state = self.state();
        state.closed = true;
        let rest = std::mem::take(&mut state.queue);
        let walked = state.walked;
        drop(state);
        rest.into_iter()
            .map_while(|item| match item {
                Item::Stop(hook) if !walked => Some(hook),
                Item::Start(_) | Item::Stop(_) | Item::Task(_) => None,
            })
            .collect()
    }

    fn title(&self, what: &str, name: Option<&str>) -> Arc<str> {
        let owner = &self.owner;
        match name {
            Some(name) => Arc::from(format!("{what} `{name}` of {owner}")),
            None => Arc::from(format!("{what} of {owner}")),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
