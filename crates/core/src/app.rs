//! An app: modules, overrides, and what becomes of them.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{
    Component, ExitStatus, Graph, GraphErrors, Module, Param, RunError, Running, StartError,
    Unused,
    graph::{Order, Scope, Wiring, describe, flaws, order, wire},
    inject::{Key, Node, Role},
    life::{self, Allowed, Builds, Built, Cause, Core, Plan, Recorder, Settings, What},
};

/// An app: a list of modules, checked as a whole before anything of it runs.
///
/// | to | call |
/// | --- | --- |
/// | test that it fits together | [`App::check`] |
/// | run it as a process | [`App::run`] |
/// | run it in a test | [`App::start`], then [`Running::stop`] |
/// | swap a part | [`App::with`] and [`Module::replace`] |
/// | use one component without running the app | [`App::resolve`] |
pub struct App {
    name: &'static str,
    version: Option<&'static str>,
    nodes: Vec<Node>,
    layers: u32,
    only: Option<Vec<String>>,
    start_timeout: Duration,
    stop_timeout: Duration,
    signals: Option<bool>,
}

impl App {
    /// An empty app.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            version: None,
            nodes: Vec::new(),
            layers: 0,
            only: None,
            start_timeout: Duration::from_secs(60),
            stop_timeout: Duration::from_secs(28),
            signals: None,
        }
    }

    /// The app's name, as messages use it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Sets the version of the service, `env!("CARGO_PKG_VERSION")` as a rule: for `--version`, metrics, logs and the
    /// description of its API.
    pub fn version(mut self, version: &'static str) -> Self {
        self.version = Some(version);
        self
    }

    /// The version of the service, if it was said.
    pub fn version_name(&self) -> Option<&'static str> {
        self.version
    }

    /// Adds a module.
    pub fn module(mut self, module: Module) -> Self {
        self.nodes.extend(module.into_nodes(0));
        self
    }

    /// Lays a set of overrides over the app: usually [`Module::replace`], in a test. A later set may replace what an
    /// earlier one did.
    pub fn with(mut self, overrides: impl FnOnce(Module) -> Module) -> Self {
        self.layers += 1;
        self.nodes
            .extend(overrides(Module::new("overrides")).into_nodes(self.layers));
        self
    }

    /// Runs these processes only, and the invoked functions; with an empty list neither, so that nothing is built but
    /// what [`App::expose`] asks for.
    pub fn only(mut self, processes: &[&str]) -> Self {
        self.only = Some(processes.iter().map(ToString::to_string).collect());
        self
    }

    /// Asks for `P` as a root, so that it is built and [`Running::get`] has it: a component `T`, or every contributed
    /// one as `Vec<T>`.
    #[track_caller]
    pub fn expose<P: Param>(mut self) -> Self {
        let module = Module::new(self.name).expose(drop::<P>);
        self.nodes.extend(module.into_nodes(0));
        self
    }

    /// Sets the time that constructors and start hooks have together: 60 s by default.
    pub fn start_timeout(mut self, timeout: Duration) -> Self {
        self.start_timeout = timeout;
        self
    }

    /// Sets the budget of all stop hooks together: 28 s by default, just below the 30 s that Kubernetes gives.
    pub fn stop_timeout(mut self, timeout: Duration) -> Self {
        self.stop_timeout = timeout;
        self
    }

    /// Raises the budget of all stop hooks to this; one that is longer already stays. For those who know from the
    /// configuration how long a part may take.
    pub fn stop_timeout_at_least(mut self, timeout: Duration) -> Self {
        self.stop_timeout = self.stop_timeout.max(timeout);
        self
    }

    /// Sets whether SIGTERM and SIGINT end the app: by default for [`App::run`], not for [`App::start`].
    pub fn handle_signals(mut self, handle: bool) -> Self {
        self.signals = Some(handle);
        self
    }

    /// Finds everything that is wrong with the graph, without running any constructor: all that is registered is
    /// looked at, needed or not.
    ///
    /// # Errors
    /// Every problem, with code, place, path and the way out.
    pub fn check(&self) -> Result<(), GraphErrors> {
        self.checked(Scope::Everything).map(drop)
    }

    /// The graph as a picture, sound or not; problem nodes are marked.
    pub fn graph(&self) -> Graph {
        let (wiring, order) = self.wire();
        let flaws = flaws(&self.nodes, &wiring, &order, Scope::Everything);
        Graph::new(self.name, &self.nodes, &wiring, &order, &flaws)
    }

    /// The names of the processes, in order of registration.
    pub fn processes(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for node in &self.nodes {
            if let Role::Process(name) = node.role
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        names
    }

    /// Whether some module provides `T`, for those who would decorate or replace it only if it is there.
    pub fn provides<T: Component>(&self) -> bool {
        let key = Key::of::<T>();
        let of_it = |node: &Node| {
            matches!(node.role, Role::Provide | Role::Supply) && node.gives == Some(key)
        };
        self.nodes.iter().any(of_it)
    }

    /// What no root needs, and so is never built.
    pub fn unused(&self) -> Vec<Unused> {
        let (wiring, order) = self.wire();
        let used = order.marks();
        let unused = self
            .nodes
            .iter()
            .enumerate()
            .filter(|(index, _)| wiring.active[*index] && !used[*index]);
        unused
            .filter_map(|(_, node)| {
                let (component, function) = (node.gives?.to_string(), node.label());
                Some(Unused {
                    component,
                    function,
                    module: node.module.to_string(),
                    place: node.at.to_string(),
                })
            })
            .collect()
    }

    /// Builds what `P` needs and nothing else: no hook runs, no task begins, no process is selected.
    ///
    /// # Errors
    /// When that part of the graph is unsound, or a constructor fails.
    #[track_caller]
    pub fn resolve<P: Param>(mut self) -> impl Future<Output = Result<P, StartError>> + Send {
        let slot = Arc::new(Mutex::new(None));
        let found = Arc::clone(&slot);
        let ask = move |value: P| *lock(&found) = Some(value);
        self.nodes.retain(|node| node.role != Role::Expose);
        self.nodes
            .extend(Module::new(self.name).expose(ask).into_nodes(0));
        async move {
            self.only(&[]).build().await?;
            let value = lock(&slot).take();
            Ok(value.expect("the root that was just built has put it there"))
        }
    }

    /// Constructs and starts what the selected processes and other roots need.
    ///
    /// # Errors
    /// When the graph is unsound, or a constructor or hook fails, panics or takes too long, or when something ends the
    /// app before all has started. What had started is stopped again.
    pub async fn start(self) -> Result<Running, StartError> {
        let signals = self.signals.unwrap_or(false);
        self.begin(signals).await
    }

    /// Starts, waits until something ends the app, and stops.
    ///
    /// # Errors
    /// As [`App::start`] and [`Running::stop`].
    pub async fn run(self) -> Result<ExitStatus, RunError> {
        let signals = self.signals.unwrap_or(true);
        let running = match self.begin(signals).await {
            Ok(running) => running,
            Err(error) => {
                return match error.cause() {
                    Some(Cause::Requested(code)) if error.rollback_failures().is_empty() => {
                        Ok(ExitStatus::new(*code))
                    }
                    _ => Err(RunError::Start(error)),
                };
            }
        };
        let cause = running.wait().await;
        running.stop().await?;
        Ok(match cause {
            Cause::Requested(code) => ExitStatus::new(code),
            _ => ExitStatus::SUCCESS,
        })
    }

    async fn begin(self, signals: bool) -> Result<Running, StartError> {
        let settings = Settings {
            app: self.name,
            start_timeout: self.start_timeout,
            stop_timeout: self.stop_timeout,
            signals,
        };
        life::start(self.into_plan()?, settings).await
    }

    /// Runs the constructors alone.
    async fn build(self) -> Result<(), StartError> {
        let (app, allowed) = (self.name, Allowed::from_now(self.start_timeout));
        let (plan, builds) = self.into_plan()?;
        let mut built = Built::new(&plan);
        let result = life::construct(
            &plan,
            builds,
            &mut built,
            &Core::new(),
            allowed,
            &Recorder::new(),
        )
        .await;
        result.map_err(|what| StartError::new(app, what, Vec::new(), Vec::new()))
    }

    fn into_plan(self) -> Result<(Plan, Builds), StartError> {
        match self.checked(Scope::Needed) {
            Ok((wiring, order)) => Ok(Plan::new(self.nodes, wiring, order)),
            Err(errors) => Err(StartError::new(
                self.name,
                What::Graph(errors),
                Vec::new(),
                Vec::new(),
            )),
        }
    }

    fn checked(&self, scope: Scope) -> Result<(Wiring, Order), GraphErrors> {
        let (wiring, order) = self.wire();
        let flaws = flaws(&self.nodes, &wiring, &order, scope);
        match flaws.is_empty() {
            true => Ok((wiring, order)),
            false => Err(describe(self.name, &flaws, &self.nodes, &order)),
        }
    }

    fn wire(&self) -> (Wiring, Order) {
        let wiring = wire(&self.nodes, self.only.as_deref());
        let order = order(&wiring);
        (wiring, order)
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("name", &self.name)
            .field("constructors", &self.nodes.len())
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
