//! What a constructor may ask for.

use super::{Component, Inputs, Key};
use crate::life::{Lifecycle, Phases, Shutdown};

/// One thing an argument needs from the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A component that must be there: `T`.
    One(Key),
    /// A component that may be absent: `Option<T>`.
    Maybe(Key),
    /// All that was contributed, in order of registration: `Vec<T>`.
    All(Key),
}

impl Need {
    /// The type that is needed.
    pub fn key(&self) -> Key {
        match self {
            Self::One(key) | Self::Maybe(key) | Self::All(key) => *key,
        }
    }
}

/// An argument of a constructor: it lists its needs before anything is built, then takes its value from what is.
///
/// Arguments are `T: Component`, `Option<T>`, `Vec<T>`, [`Lifecycle`], [`Shutdown`], [`Phases`] and tuples of these.
/// `#[derive(Params)]` makes a struct of arguments an argument.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a component",
    label = "not a component",
    note = "mark the type: `#[derive(Clone, Component)]`",
    note = "or share it: `Arc<{Self}>` is a component for every `Send + Sync` type, trait objects included"
)]
pub trait Param: Send + 'static {
    /// Lists what [`Param::take`] will ask for.
    fn needs(out: &mut Vec<Need>);

    /// Takes the value; only what [`Param::needs`] listed is there.
    fn take(from: &Inputs<'_>) -> Self;
}

impl<T: Component> Param for T {
    fn needs(out: &mut Vec<Need>) {
        out.push(Need::One(Key::of::<T>()));
    }

    fn take(from: &Inputs<'_>) -> Self {
        from.one()
    }
}

impl<T: Component> Param for Option<T> {
    fn needs(out: &mut Vec<Need>) {
        out.push(Need::Maybe(Key::of::<T>()));
    }

    fn take(from: &Inputs<'_>) -> Self {
        from.maybe()
    }
}

impl<T: Component> Param for Vec<T> {
    fn needs(out: &mut Vec<Need>) {
        out.push(Need::All(Key::of::<T>()));
    }

    fn take(from: &Inputs<'_>) -> Self {
        from.all()
    }
}

impl Param for Lifecycle {
    fn needs(_: &mut Vec<Need>) {}

    fn take(from: &Inputs<'_>) -> Self {
        from.lifecycle()
    }
}

impl Param for Shutdown {
    fn needs(_: &mut Vec<Need>) {}

    fn take(from: &Inputs<'_>) -> Self {
        from.shutdown()
    }
}

impl Param for Phases {
    fn needs(_: &mut Vec<Need>) {}

    fn take(from: &Inputs<'_>) -> Self {
        from.phases()
    }
}

macro_rules! tuples {
    ($($P:ident)*) => {
        impl<$($P: Param),*> Param for ($($P,)*) {
            fn needs(_out: &mut Vec<Need>) {
                $($P::needs(_out);)*
            }

            #[allow(clippy::unused_unit, reason = "the empty tuple is one of them")]
            fn take(_from: &Inputs<'_>) -> Self {
                ($($P::take(_from),)*)
            }
        }
    };
}

super::constructor::each_arity!(tuples);
