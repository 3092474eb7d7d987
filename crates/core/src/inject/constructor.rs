//! Plain functions as constructors.

/// A function of up to twelve arguments (tuples nest, so twelve is no limit).
///
/// It bounds neither arguments nor result: it always holds for a function, so that the compiler's message is about the
/// one type that is wrong and not about the function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a constructor",
    label = "not a function of up to twelve arguments",
    note = "a constructor is a function or a `Send` closure; group more than twelve arguments into tuples"
)]
pub trait Constructor<Args>: Send + 'static {
    /// What the function returns.
    type Output;

    /// Calls the function.
    fn call(self, args: Args) -> Self::Output;
}

/// Calls a macro with the names of 0 to 12 type parameters.
macro_rules! each_arity {
    ($call:ident) => {
        $call!();
        $call!(P1);
        $call!(P1 P2);
        $call!(P1 P2 P3);
        $call!(P1 P2 P3 P4);
        $call!(P1 P2 P3 P4 P5);
        $call!(P1 P2 P3 P4 P5 P6);
        $call!(P1 P2 P3 P4 P5 P6 P7);
        $call!(P1 P2 P3 P4 P5 P6 P7 P8);
        $call!(P1 P2 P3 P4 P5 P6 P7 P8 P9);
        $call!(P1 P2 P3 P4 P5 P6 P7 P8 P9 P10);
        $call!(P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 P11);
        $call!(P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 P11 P12);
    };
}
pub(super) use each_arity;

macro_rules! functions {
    ($($P:ident)*) => {
        #[allow(non_snake_case, reason = "the type parameters name the arguments too")]
        impl<F, R, $($P),*> Constructor<($($P,)*)> for F
        where
            F: FnOnce($($P),*) -> R + Send + 'static,
        {
            type Output = R;

            fn call(self, ($($P,)*): ($($P,)*)) -> R {
                self($($P),*)
            }
        }
    };
}

each_arity!(functions);
