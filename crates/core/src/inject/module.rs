//! A list of constructors with a name.

use std::{any::type_name, panic::Location, sync::Arc};

use super::{Build, Component, Constructor, Effect, Key, Need, Node, Output, Param, Ready, Role};

/// Part of an app: constructors that belong together, under the name that messages use.
///
/// The order of registration matters for [`Module::contribute`] and [`Module::decorate`] only. Nothing runs until the
/// app starts, and then only what a root ([`Module::process`], [`Module::invoke`]) needs.
pub struct Module {
    name: &'static str,
    nodes: Vec<Node>,
}

impl Module {
    /// An empty module.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            nodes: Vec::new(),
        }
    }

    /// Shares what `constructor` makes. It runs once, when the first one asks for it.
    #[track_caller]
    pub fn provide<F, Args, Kind>(self, constructor: F) -> Self
    where
        F: Constructor<Args, Output: Output<Kind> + Send>,
        Args: Param,
    {
        self.giving(Role::Provide, constructor)
    }

    /// Shares a value that is there already.
    #[track_caller]
    pub fn supply<T: Component>(self, value: T) -> Self {
        let build: Build = Box::new(move |_| <T as Output<Ready>>::settle(value));
        self.push(
            Role::Supply,
            type_name::<T>(),
            Some(Key::of::<T>()),
            Vec::new(),
            build,
        )
    }

    /// Adds what `constructor` makes to the list that others ask for as `Vec<T>`, in order of registration.
    #[track_caller]
    pub fn contribute<F, Args, Kind>(self, constructor: F) -> Self
    where
        F: Constructor<Args, Output: Output<Kind> + Send>,
        Args: Param,
    {
        self.giving(Role::Contribute, constructor)
    }

    /// Wraps a provided component: `constructor` takes the inner one among its arguments and returns the outer one,
    /// which all others get. Decorators stack, the first registered innermost.
    #[track_caller]
    pub fn decorate<F, Args, Kind>(self, constructor: F) -> Self
    where
        F: Constructor<Args, Output: Output<Kind> + Send>,
        Args: Param,
    {
        self.giving(Role::Decorate, constructor)
    }

    /// Takes the place of a provided component, and of all that was decorating it before. Meant for
    /// [`App::with`](crate::App::with) in tests; to replace nothing is an error.
    #[track_caller]
    pub fn replace<F, Args, Kind>(self, constructor: F) -> Self
    where
        F: Constructor<Args, Output: Output<Kind> + Send>,
        Args: Param,
    {
        self.giving(Role::Replace, constructor)
    }

    /// Runs `function` at start, for what it does: a root of the graph.
    #[track_caller]
    pub fn invoke<F, Args, Kind>(self, function: F) -> Self
    where
        F: Constructor<Args, Output: Effect<Kind> + Send>,
        Args: Param,
    {
        self.doing(Role::Invoke, function)
    }

    /// Runs `function` at start when the process `name` is selected (all are, by default): a root of the graph that
    /// usually spawns a server or a worker on its [`Lifecycle`](crate::Lifecycle). Functions of one name are selected
    /// together.
    #[track_caller]
    pub fn process<F, Args, Kind>(self, name: &'static str, function: F) -> Self
    where
        F: Constructor<Args, Output: Effect<Kind> + Send>,
        Args: Param,
    {
        self.doing(Role::Process(name), function)
    }

    /// Adds another module inside this one.
    pub fn module(mut self, other: Self) -> Self {
        self.nodes.extend(other.into_nodes(0));
        self
    }

    #[track_caller]
    fn giving<F, Args, Kind>(self, role: Role, constructor: F) -> Self
    where
        F: Constructor<Args, Output: Output<Kind> + Send>,
        Args: Param,
    {
        let build: Build = Box::new(move |inputs| constructor.call(Args::take(inputs)).settle());
        let gives = Key::of::<<F::Output as Output<Kind>>::Component>();
        self.push(
            role,
            type_name::<F>(),
            Some(gives),
            needs_of::<Args>(),
            build,
        )
    }

    #[track_caller]
    fn doing<F, Args, Kind>(self, role: Role, function: F) -> Self
    where
        F: Constructor<Args, Output: Effect<Kind> + Send>,
        Args: Param,
    {
        let build: Build = Box::new(move |inputs| function.call(Args::take(inputs)).settle());
        self.push(role, type_name::<F>(), None, needs_of::<Args>(), build)
    }

    /// Asks for `P` as a root, and hands what it got to `then`.
    #[track_caller]
    pub(crate) fn expose<P: Param>(self, then: impl FnOnce(P) + Send + 'static) -> Self {
        let build: Build = Box::new(move |inputs| {
            then(P::take(inputs));
            <() as Effect<Ready>>::settle(())
        });
        self.push(Role::Expose, type_name::<P>(), None, needs_of::<P>(), build)
    }

    #[track_caller]
    fn push(
        mut self,
        role: Role,
        function: &'static str,
        gives: Option<Key>,
        needs: Vec<Need>,
        build: Build,
    ) -> Self {
        let at = Location::caller();
        let module = Arc::from("");
        self.nodes.push(Node {
            role,
            module,
            layer: 0,
            function,
            at,
            gives,
            needs,
            build: Some(build),
        });
        self
    }

    /// The nodes, each with the path of its module.
    pub(crate) fn into_nodes(mut self, layer: u32) -> Vec<Node> {
        let own: Arc<str> = Arc::from(self.name);
        for node in &mut self.nodes {
            node.layer = layer;
            node.module = match &*node.module {
                "" => Arc::clone(&own),
                inner => Arc::from(format!("{own}/{inner}")),
            };
        }
        self.nodes
    }
}

pub(crate) fn needs_of<P: Param>() -> Vec<Need> {
    let mut needs = Vec::new();
    P::needs(&mut needs);
    needs
}
