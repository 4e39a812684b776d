//! Calls each shape as often as the first argument says: run by `main.rs` under valgrind.
#![allow(unused, clippy::all)]

use std::hint::black_box;

macro_rules! measure {
    ($($function:ident = |$i:ident| $call:expr;)*) => {
        $(
            #[inline(never)]
            #[unsafe(no_mangle)]
            pub extern "C" fn $function(calls: u64) {
                for call in 0..calls {
                    let $i = black_box(call);
                    black_box($call);
                }
            }
        )*

        fn measure_all(calls: u64) {
            $($function(calls);)*
        }
    };
}

measure! {
    measure_generic = |i| shapes::generic(i);
    measure_leaf = |i| shapes::leaf(i);
    measure_method = |i| shapes::method(i);
    measure_early_return = |i| shapes::early_return(i);
    measure_impl_trait = |i| shapes::impl_trait(i);
    measure_recursion = |i| shapes::recursion(i);
    measure_closure = |i| shapes::closure(i);
    measure_scope_in_loop = |i| shapes::scope_in_loop(i);
    // SAFETY: points to a number that lives as long as the call.
    measure_extern_c = |i| unsafe { shapes::extern_c(i, &i) };
    measure_const_generic = |i| shapes::const_generic(i);
    measure_all_macros = |i| shapes::all_macros(i, black_box("text"));
    measure_asynchronous = |i| shapes::asynchronous(i);
}

fn main() {
    let calls = std::env::args().nth(1).and_then(|calls| calls.parse().ok()).expect("a number of calls");
    // The level is set at run time, by another crate: no compiler can know that it is 0.
    #[cfg(annotated)]
    drop(traceme::Session::start(255).expect("no session runs").stop());
    measure_all(calls);
    shapes::never(0);
}
