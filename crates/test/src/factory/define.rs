//! What a factory is.

use std::fmt;
use std::sync::Arc;

use super::Draw;

type Define<T> = Arc<dyn Fn(&mut Draw) -> T + Send + Sync>;
type Change<T> = Arc<dyn Fn(&mut T, &mut Draw) + Send + Sync>;

/// Makes objects for tests: complete ones, of which the test names only what it is about.
///
/// See [the module](super) for an example.
#[must_use = "a factory makes nothing until it builds or creates"]
pub struct Factory<T> {
    define: Define<T>,
    states: Vec<Change<T>>,
    overrides: Vec<Change<T>>,
    #[cfg(feature = "db")]
    pub(super) relations: super::create::Relations<T>,
}

impl<T: 'static> Factory<T> {
    /// A factory by its definition, which makes one whole object.
    pub fn new(define: impl Fn(&mut Draw) -> T + Send + Sync + 'static) -> Self {
        Self {
            define: Arc::new(define),
            states: Vec::new(),
            overrides: Vec::new(),
            #[cfg(feature = "db")]
            relations: Default::default(),
        }
    }

    /// Puts objects into a state: a change that has a name of its own, as a function does. States apply one after the other.
    pub fn state(mut self, change: impl Fn(&mut T) + Send + Sync + 'static) -> Self {
        self.states.push(Arc::new(move |it, _| change(it)));
        self
    }

    /// Says what this test is about: `.with(|tea| tea.grams = 100)`. It has the last word, whatever states say.
    pub fn with(mut self, change: impl Fn(&mut T) + Send + Sync + 'static) -> Self {
        self.overrides.push(Arc::new(move |it, _| change(it)));
        self
    }

    /// As [`with`](Self::with), with values that differ from object to object.
    pub fn with_each(mut self, change: impl Fn(&mut T, &mut Draw) + Send + Sync + 'static) -> Self {
        self.overrides.push(Arc::new(change));
        self
    }

    /// Makes an object, and nothing else.
    pub fn build(&self) -> T {
        let mut draw = Draw::next::<T>();
        let mut object = (self.define)(&mut draw);
        for change in self.states.iter().chain(&self.overrides) {
            change(&mut object, &mut draw);
        }
        object
    }

    /// Makes several objects.
    pub fn build_many(&self, count: usize) -> Vec<T> {
        (0..count).map(|_| self.build()).collect()
    }
}

impl<T> Clone for Factory<T> {
    fn clone(&self) -> Self {
        Self {
            define: Arc::clone(&self.define),
            states: self.states.clone(),
            overrides: self.overrides.clone(),
            #[cfg(feature = "db")]
            relations: self.relations.clone(),
        }
    }
}

impl<T> fmt::Debug for Factory<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Factory")
            .field("of", &std::any::type_name::<T>())
            .field("states", &self.states.len())
            .field("overrides", &self.overrides.len())
            .finish_non_exhaustive()
    }
}
