//! Annotated `async fn`s whose header says `async` still: what they drop when.

use std::future::Future;
use std::pin::Pin;

use traceme::traceme;

use super::asynchronous::{block_on, later, poll};
use super::asynchronous_futures::{instants, same_drops};
use super::support::{Loud, caught, unwind};

/// Two things, one of which a pattern may leave.
struct Two(Loud, Loud);

fn two(first: &'static str, second: &'static str) -> Two {
    Two(Loud(first), Loud(second))
}

fn panics() -> ! {
    unwind();
    unreachable!()
}

/// Functions two times, from the same tokens.
macro_rules! twins {
    ($(
        #[traceme $options:tt] $(#[$further:ident])*
        async fn $name:ident $arguments:tt -> $result:tt { $($body:tt)* }
    )+) => {
        mod bare {
            use super::*;
            $($(#[$further])* pub(super) async fn $name $arguments -> $result { $($body)* })+
        }
        mod annotated {
            use super::*;
            $(#[traceme $options] $(#[$further])* pub(super) async fn $name $arguments -> $result { $($body)* })+
        }
    };
}

twins! {
    #[traceme()]
    #[must_use]
    async fn patterns(a: Loud, Two(b, _): Two, _: Loud, mut _c: Loud, Two(.., ref d): Two) -> usize {
        let _variable = Loud("variable");
        later().await;
        _c = Loud("other");
        Loud("temporary").len() + d.len() + a.len() + b.len()
    }

    #[traceme(meta(length = a.len(), c = c.len()))]
    #[must_use]
    #[inline]
    async fn only_one_is_a_pattern(mut a: Loud, _: Two, #[allow(unused_mut, reason = "a shape")] mut c: Loud) -> usize {
        let length = a.len() + c.len();
        later().await;
        a = Loud("other");
        c = Loud("another");
        Loud("temporary").len() + a.len() + c.len() + length
    }

    #[traceme(ret, span = _s)]
    #[must_use]
    async fn with_a_result(Two(a, mut b): Two, _: Loud, _c: Loud) -> usize {
        let _variable = Loud("variable");
        later().await;
        if b.len() == 1 {
            b = Loud("other");
            return Loud("temporary").len() + a.len() + b.len();
        }
        0
    }

    #[traceme()]
    #[must_use]
    async fn unused(_: Loud, Two(_, _b): Two, _c: Loud) -> usize {
        later().await;
        Loud("temporary").len()
    }

    #[traceme(meta(length = a.len()))]
    #[must_use]
    async fn tuples(mut a: Loud, (b, mut c): (Loud, Loud), _: Loud, (_, (d, _)): (Loud, (Loud, Loud))) -> usize {
        let length = a.len() + c.len();
        later().await;
        c = Loud("other");
        a = Loud("another");
        Loud("temporary").len() + a.len() + b.len() + c.len() + d.len() + length
    }

    #[traceme(ret)]
    #[must_use]
    async fn tuples_and_others((a, _): (Loud, Loud), _b: Loud, Two(_, c): Two, (_, _d): (Loud, Loud)) -> usize {
        let _variable = Loud("variable");
        later().await;
        drop(a);
        Loud("temporary").len() + c.len()
    }

    #[traceme()]
    #[must_use]
    async fn never(a: Loud, Two(b, _): Two, _: Loud, _c: Loud) -> ! {
        let _variable = Loud("variable");
        later().await;
        drop(a);
        let _ = b.len();
        panics()
    }

    #[traceme(meta(length = b.len()))]
    async fn metadata_of_a_pattern(a: Loud, Two(b, _): Two, _: Loud, _c: Loud) -> usize {
        let _variable = Loud("variable");
        later().await;
        a.len() + b.len()
    }
}

/// Whether all is dropped in the same order.
macro_rules! same {
    ($($name:ident $arguments:tt)+) => {
        $(same_drops(
            stringify!($name),
            || Box::pin(bare::$name $arguments),
            || Box::pin(annotated::$name $arguments),
        );)+
    };
}

#[test]
fn where_nobody_but_the_compiler_looks_at_the_header_patterns_are_dropped_as_in_the_bare_function() {
    same! {
        patterns(Loud("a"), two("b", "left of b"), Loud("_"), Loud("c"), two("left of d", "d"))
        only_one_is_a_pattern(Loud("a"), two("b", "of b"), Loud("c"))
        with_a_result(two("a", "b"), Loud("_"), Loud("c"))
        unused(Loud("a"), two("left of b", "b"), Loud("c"))
        tuples(
            Loud("a"),
            (Loud("b"), Loud("c")),
            Loud("_"),
            (Loud("left"), (Loud("d"), Loud("left of d")))
        )
        tuples_and_others(
            (Loud("a"), Loud("left of a")),
            Loud("b"),
            two("left of c", "c"),
            (Loud("left of d"), Loud("d"))
        )
    }
}

#[test]
fn of_one_that_never_returns_as_well() {
    fn drops<F: Future>(make: fn() -> F) -> [Vec<String>; 3] {
        let polled = || {
            let mut future: Pin<Box<F>> = Box::pin(make());
            assert!(poll(&mut future).is_none());
            future
        };
        [instants(|| drop(make())), instants(|| drop(polled())), instants(|| assert!(caught(|| poll(&mut polled()))))]
    }
    let bare = drops(|| bare::never(Loud("a"), two("b", "left of b"), Loud("_"), Loud("c")));
    assert_eq!(drops(|| annotated::never(Loud("a"), two("b", "left of b"), Loud("_"), Loud("c"))), bare);
    assert_eq!(bare[0], ["a", "b", "left of b", "_", "c"]);
    assert_eq!(bare[1], ["variable", "c", "_", "b", "left of b", "a"]);
    assert_eq!(bare[2], ["a", "variable", "c", "_", "b", "left of b"]);
}

/// Where metadata mentions what is in a pattern, that stays in the header: the body owns what it uses of it behind all else,
/// and the rest is dropped behind the task.
#[test]
fn what_is_in_patterns_that_stay_in_the_header_is_dropped_last() {
    fn drops<F: Future<Output = usize> + 'static>(made: fn(Loud, Two, Loud, Loud) -> F) -> [String; 2] {
        let made = || Box::pin(made(Loud("a"), two("b", "left of b"), Loud("_"), Loud("c")));
        [instants(|| assert!(poll(&mut made()).is_none())), instants(|| assert_eq!(block_on(made()), 2))]
            .map(|drops| drops.join(", "))
    }
    assert_eq!(drops(bare::metadata_of_a_pattern), ["variable, c, _, b, left of b, a"; 2]);
    assert_eq!(drops(annotated::metadata_of_a_pattern), ["variable, c, a, b, _, left of b"; 2]);
}
