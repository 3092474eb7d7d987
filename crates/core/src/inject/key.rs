//! The identity of a component: its type.

use std::{
    any::{TypeId, type_name},
    fmt,
    hash::{Hash, Hasher},
};

use super::short_type;

/// What a component is known by: its type. The name is for words only.
#[derive(Clone, Copy)]
pub struct Key {
    id: TypeId,
    name: &'static str,
}

impl Key {
    /// The key of `T`.
    pub fn of<T: 'static>() -> Self {
        Self {
            id: TypeId::of::<T>(),
            name: type_name::<T>(),
        }
    }

    /// The type's name with all its paths, such as `alloc::sync::Arc<dyn shop::orders::Orders>`.
    pub fn full_name(&self) -> &'static str {
        self.name
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

/// The type's name as a reader would write it, such as `Arc<dyn Orders>`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&short_type(self.name))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
