//! Functions as handlers: how many arguments, and nothing else.

/// A function that answers requests: an `async fn` whose arguments are [`Argument`](super::Argument)s and whose result
/// is a [`Reply`](super::Reply).
///
/// The trait holds for every function; what its arguments and result must be is said where a handler is used, so that
/// the compiler names the very type that does not fit.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    note = "a handler is an `async fn` with at most 12 arguments, or a closure that returns a future"
)]
pub trait Handler<Args>: Clone + Send + Sync + 'static {
    /// What a call returns: the future of the reply.
    type Future;

    /// Calls the function.
    fn call(self, args: Args) -> Self::Future;
}

macro_rules! handler {
    ($($A:ident)*) => {
        #[diagnostic::do_not_recommend]
        #[allow(non_snake_case, reason = "the arguments are named like their types")]
        impl<F, R, $($A,)*> Handler<($($A,)*)> for F
        where
            F: FnOnce($($A,)*) -> R + Clone + Send + Sync + 'static,
        {
            type Future = R;

            fn call(self, ($($A,)*): ($($A,)*)) -> R {
                self($($A,)*)
            }
        }
    };
}

handler!();
handler!(A);
handler!(A B);
handler!(A B C);
handler!(A B C D);
handler!(A B C D E);
handler!(A B C D E G);
handler!(A B C D E G H);
handler!(A B C D E G H I);
handler!(A B C D E G H I J);
handler!(A B C D E G H I J K);
handler!(A B C D E G H I J K L);
handler!(A B C D E G H I J K L M);
