//! What is built so far, as one constructor may see it.

use std::{
    any::Any,
    sync::{Arc, OnceLock},
};

use super::{Component, Key, Need};
use crate::life::{Desk, Lifecycle, Phases, Shutdown};

/// What was built, by the index of its node.
pub(crate) type Values = Vec<Option<Box<dyn Any + Send + Sync>>>;

/// A need and the nodes that meet it.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) need: Need,
    pub(crate) nodes: Vec<usize>,
}

/// The values a [`Param`](super::Param) may take: those it listed as needs.
pub struct Inputs<'a> {
    pub(crate) sources: &'a [Source],
    pub(crate) values: &'a Values,
    pub(crate) owner: &'a Arc<str>,
    pub(crate) shutdown: &'a Shutdown,
    pub(crate) phases: &'a Phases,
    pub(crate) desk: OnceLock<Arc<Desk>>,
}

impl Inputs<'_> {
    /// The component `T`.
    ///
    /// # Panics
    /// When `Need::One` of `T` was not listed by [`Param::needs`](super::Param::needs).
    pub fn one<T: Component>(&self) -> T {
        self.find(Need::One(Key::of::<T>()))
            .next()
            .expect("`Param::needs` lists what `take` asks for")
    }

    /// The component `T`, if someone provides it.
    pub fn maybe<T: Component>(&self) -> Option<T> {
        self.find(Need::Maybe(Key::of::<T>())).next()
    }

    /// Every contributed `T`, in order of registration.
    pub fn all<T: Component>(&self) -> Vec<T> {
        self.find(Need::All(Key::of::<T>())).collect()
    }

    /// Where the asking constructor registers its hooks and tasks.
    pub fn lifecycle(&self) -> Lifecycle {
        let desk = self
            .desk
            .get_or_init(|| Arc::new(Desk::new(Arc::clone(self.owner))));
        Lifecycle::at(Arc::clone(desk))
    }

    /// The app's shutdown: to ask for it, or to learn of it.
    pub fn shutdown(&self) -> Shutdown {
        self.shutdown.clone()
    }

    /// The app's phases.
    pub fn phases(&self) -> Phases {
        self.phases.clone()
    }

    fn find<T: Component>(&self, need: Need) -> impl Iterator<Item = T> {
        let nodes = self
            .sources
            .iter()
            .find(|source| source.need == need)
            .map_or(&[][..], |source| &source.nodes);
        nodes
            .iter()
            .filter_map(|&node| self.values[node].as_ref()?.downcast_ref::<T>().cloned())
    }
}
