//! How large futures are. An `async fn`'s may grow by 32 bytes and by those arguments that the bare one does not keep
//! across an `.await`, that of a function that returns one by 32 bytes: these are the sizes, and any change of them fails.
#![allow(clippy::manual_async_fn, reason = "a shape")]

use std::future::{Future, ready};
use std::hint::black_box;
use std::pin::Pin;

use traceme::traceme;

const KIB: usize = 1024;

/// Functions two times, from the same tokens.
macro_rules! twins {
    ($(#[traceme $options:tt] $(#[$further:ident])? {$($header:tt)*} $body:tt)+) => {
        mod bare {
            use super::*;
            pub(super) struct Client(pub(super) u64);
            $($(#[$further])? $($header)* $body)+
        }
        mod annotated {
            use super::*;
            pub(super) struct Client(pub(super) u64);
            $(#[traceme $options] $(#[$further])? $($header)* $body)+
        }
    };
}

/// With it the same things are given as with a tuple.
struct Pair(Vec<u64>, #[expect(dead_code, reason = "a shape")] u64);

async fn later() {
    std::future::pending().await
}

fn use_of<T>(value: T) {
    black_box(value);
}

twins! {
    #[traceme()] {pub(super) async fn nothing()} {}

    #[traceme()] {pub(super) async fn kib_kept(data: [u8; KIB])} {
        later().await;
        use_of(data);
    }

    #[traceme()] {pub(super) async fn kib_not_kept(data: [u8; KIB])} {
        use_of(data);
        later().await;
    }

    #[traceme()] {pub(super) async fn two_owned(a: String, b: Vec<u64>)} {
        later().await;
        use_of((a, b));
    }

    #[traceme()] {pub(super) async fn two_owned_not_kept(a: String, b: Vec<u64>)} {
        use_of((a, b));
        later().await;
    }

    #[traceme()] {pub(super) async fn references(a: &str, b: &mut [u64])} {
        later().await;
        use_of((a, b));
    }

    #[traceme(meta(a, length = b.len(), b = ?b))] {pub(super) async fn metadata(a: String, b: Vec<u64>)} {
        later().await;
        use_of((a, b));
    }

    #[traceme()] {pub(super) async fn awaits_others(a: String)} {
        two_owned(a, Vec::new()).await;
        references("", &mut []).await;
    }

    #[traceme()] #[must_use] {pub(super) async fn header_stays(a: String, b: Vec<u64>)} {
        later().await;
        use_of((a, b));
    }

    #[traceme()] #[must_use] {pub(super) async fn header_stays_but_for_patterns(a: String, (b, _): (Vec<u64>, u64))} {
        later().await;
        use_of((a, b));
    }

    #[traceme()] #[must_use] {pub(super) async fn header_stays_with_another_pattern(a: String, Pair(b, _): Pair)} {
        later().await;
        use_of((a, b));
    }

    #[traceme(ret)] {pub(super) async fn result(a: String, b: Vec<u64>) -> u64} {
        later().await;
        use_of((a, b));
        1
    }

    #[traceme(meta(a))] {pub(super) fn returns_one(a: String) -> impl Future<Output = String>} {
        async move {
            later().await;
            a
        }
    }

    #[traceme()] {pub(super) fn returns_early(a: u64) -> impl Future<Output = u64>} {
        if a == 0 {
            return ready(1);
        }
        ready(a)
    }

    #[traceme()] {pub(super) fn returns_a_box(a: u64) -> Pin<Box<dyn Future<Output = u64>>>} {
        Box::pin(async move {
            later().await;
            a
        })
    }

    #[traceme()] {impl Client} {
        pub(super) async fn borrowed(&self) {
            later().await;
            use_of(self.0);
        }

        pub(super) async fn owned(self, a: String) {
            later().await;
            use_of((self, a));
        }
    }
}

/// The sizes in the bare function and in the annotated one.
macro_rules! sizes {
    ($($name:ident $arguments:tt)+) => {
        [$((stringify!($name), size_of_val(&bare::$name $arguments), size_of_val(&annotated::$name $arguments)),)+]
    };
}

#[test]
fn of_futures() {
    let text = String::new;
    let numbers = || vec![1];
    let functions = sizes! {
        nothing()
        kib_kept([0; KIB])
        kib_not_kept([0; KIB])
        two_owned(text(), numbers())
        two_owned_not_kept(text(), numbers())
        references("", &mut [])
        metadata(text(), numbers())
        awaits_others(text())
        header_stays(text(), numbers())
        header_stays_but_for_patterns(text(), (numbers(), 1))
        header_stays_with_another_pattern(text(), Pair(numbers(), 1))
        result(text(), numbers())
        returns_one(text())
        returns_early(1)
    };
    let boxed = [("returns_a_box", size_of_val(&*bare::returns_a_box(1)), size_of_val(&*annotated::returns_a_box(1)))];
    let methods = [
        ("borrowed", size_of_val(&bare::Client(1).borrowed()), size_of_val(&annotated::Client(1).borrowed())),
        ("owned", size_of_val(&bare::Client(1).owned(text())), size_of_val(&annotated::Client(1).owned(text()))),
    ];
    let found: Vec<_> = functions.into_iter().chain(boxed).chain(methods).collect();
    assert_eq!(found, EXPECTED);
}

/// Without the annotation, and with it: 16 bytes are the task, and up to 8 are alignment, or the state of a second future.
/// (A receiver is kept once instead of two times; where the header stays, a pattern that is not of tuples is kept three times.)
const EXPECTED: [(&str, usize, usize); 17] = [
    ("nothing", 1, 24),
    ("kib_kept", 2050, 2072),
    ("kib_not_kept", 1026, 1048),
    ("two_owned", 104, 120),
    ("two_owned_not_kept", 56, 72),
    ("references", 72, 88),
    ("metadata", 104, 120),
    ("awaits_others", 136, 168),
    ("header_stays", 104, 128),
    ("header_stays_but_for_patterns", 112, 144),
    ("header_stays_with_another_pattern", 112, 168),
    ("result", 104, 120),
    ("returns_one", 32, 48),
    ("returns_early", 16, 32),
    ("returns_a_box", 16, 32),
    ("borrowed", 24, 32),
    ("owned", 72, 80),
];
