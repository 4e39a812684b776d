//! The source of the shapes. Each is short, so that nothing hides what an annotation adds.

use std::future::poll_fn;
use std::hint::black_box;
use std::num::ParseIntError;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::{append, counter, instant, span, trace_scope};
use crate::shapes::{Shape, work};

/// The twelve.
pub const SHAPES: [Shape; 12] = [
    Shape { name: "leaf", call: leaf, annotations: 1 },
    Shape { name: "generic", call: generic, annotations: 1 },
    Shape { name: "method", call: method, annotations: 1 },
    Shape { name: "early return", call: early_return, annotations: 1 },
    Shape { name: "impl Trait", call: impl_trait, annotations: 1 },
    Shape { name: "recursion", call: recursion, annotations: 5 },
    Shape { name: "closure", call: closure, annotations: 1 },
    Shape { name: "scope in a loop", call: scope_in_loop, annotations: 4 },
    Shape { name: "extern \"C\"", call: extern_c, annotations: 1 },
    Shape { name: "const generic", call: const_generic, annotations: 1 },
    Shape { name: "all macros", call: all_macros, annotations: 6 },
    Shape { name: "async", call: asynchronous, annotations: 2 },
];

traced! { [level = 2]
    fn leaf(x: u64) -> u64 {
        work(x) + 1
    }
}

traced! { [level = 2, meta(x)]
    fn generic_of<T: Copy + Into<u64> + traceme::Value>(x: T, y: T) -> u64 {
        work(x.into()) ^ y.into()
    }
}

fn generic(x: u64) -> u64 {
    generic_of(x, 3)
}

struct Account {
    balance: u64,
}

impl Account {
    traced! { [level = 2, meta(balance = self.balance, x)]
        fn add(&mut self, x: u64) -> &mut Self {
            self.balance += work(x);
            self
        }
    }
}

fn method(x: u64) -> u64 {
    Account { balance: 1 }.add(x).balance
}

traced! { [level = 2, name = "parse", meta(text)]
    fn parse(text: &str) -> Result<u64, ParseIntError> {
        let (first, second) = text.split_at(2);
        let first: u64 = first.parse()?;
        if first > 50 {
            return Ok(first);
        }
        Ok(first + second.parse::<u64>()?)
    }
}

fn early_return(x: u64) -> u64 {
    work(x) ^ parse(black_box("1234")).unwrap_or(7)
}

traced! { [level = 2, meta(n)]
    fn multiples<'a>(n: u64, factor: &'a u64) -> impl Iterator<Item = u64> + use<'a> {
        (1..n).map(move |x| x * *factor)
    }
}

fn impl_trait(x: u64) -> u64 {
    multiples(black_box(4), &work(x)).sum()
}

traced! { [level = 2, meta(depth)]
    fn recursion_of(depth: u64, x: u64) -> u64 {
        if depth == 0 { work(x) } else { recursion_of(depth - 1, x + depth) ^ depth }
    }
}

fn recursion(x: u64) -> u64 {
    recursion_of(4, x)
}

traced! { [level = 2]
    fn closure_of(mut f: impl FnMut(u64) -> u64, boxed: &dyn Fn(u64) -> u64) -> u64 {
        f(1) + boxed(2)
    }
}

fn closure(x: u64) -> u64 {
    let mut sum = x;
    let add = |y| {
        sum += work(y);
        sum
    };
    closure_of(add, &|y| work(y))
}

#[inline(never)]
fn scope_in_loop(x: u64) -> u64 {
    let mut sum = 0;
    for round in 0..4 {
        trace_scope!("round", level = 2, meta(round, twice = round * 2));
        if work(round + x) == 1 {
            continue;
        }
        sum += round ^ x;
    }
    sum
}

traced! { [level = 2, meta(x = %x)]
    extern "C" fn extern_c_of(x: u64, y: &u64) -> u64 {
        work(x) + *y
    }
}

fn extern_c(x: u64) -> u64 {
    extern_c_of(x, &x)
}

traced! { [level = 2, meta(n = N)]
    fn const_generic_of<const N: usize>(x: u64) -> u64 {
        (0..N).fold(x, |x, _| work(x))
    }
}

fn const_generic(x: u64) -> u64 {
    const_generic_of::<3>(x)
}

traced! { [level = 2, meta(x, shown = %x, debugged = ?text)]
    fn all_macros_of(x: u64, text: &str) -> u64 {
        trace_scope!("scope", level = 2, meta(length = text.len()));
        let inner = span!(name = format!("inner {x}"), level = 2, meta(x));
        let y = work(x);
        append!(inner, y, text = format!("{text} {y}"));
        instant!("instant", level = 2, meta(y, first = text.chars().next()));
        counter!("counter", y + 1, unit = "B", level = 2);
        y + text.len() as u64
    }
}

fn all_macros(x: u64) -> u64 {
    all_macros_of(x, "text")
}

async fn suspend() {
    let mut is_first = true;
    poll_fn(|_| if std::mem::take(&mut is_first) { Poll::Pending } else { Poll::Ready(()) }).await;
}

async fn future(x: u64) -> u64 {
    let before = {
        trace_scope!("before", level = 2, meta(x));
        work(x)
    };
    suspend().await;
    trace_scope!("after", { work(before) })
}

#[inline(never)]
fn asynchronous(x: u64) -> u64 {
    let mut future = pin!(future(x));
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
            return result;
        }
    }
}
