//! Functions of every shape, compiled bare and annotated (`--cfg annotated`) by `off.rs` and `instructions.rs`,
//! which compare the machine code of the two. Each is short, so that nothing hides what an annotation adds.
#![allow(unused, clippy::all)]

extern crate traceme as _;

#[cfg(annotated)]
use traceme::{activity, append, counter, instant, span, step, trace_scope, traced, traceme};

#[cfg(not(annotated))]
mod bare {
    macro_rules! span {
        ($($ignored:tt)*) => {
            ()
        };
    }
    macro_rules! trace_scope {
        ($name:literal, $block:block) => {
            $block
        };
        ($($ignored:tt)*) => {};
    }
    macro_rules! nothing {
        ($($ignored:tt)*) => {};
    }
    pub(crate) use {nothing as append, nothing as counter, nothing as instant, nothing as step};
    macro_rules! traced {
        ($future:expr, $($ignored:tt)*) => {
            $future
        };
    }
    pub(crate) use {span as activity, span, trace_scope, traced};
}
#[cfg(not(annotated))]
use bare::{activity, append, counter, instant, span, step, trace_scope, traced};

use std::hint::black_box;
use std::ops::{Add, Mul};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// What the shapes call: not inlined, so that what they do can't be computed at compile time.
#[inline(never)]
pub fn work(x: u64) -> u64 {
    black_box(x).rotate_left(5) ^ x
}

#[inline(never)]
#[cfg_attr(annotated, traceme(level = 2))]
pub fn leaf(x: u64) -> u64 {
    black_box(x) + 1
}

#[inline(never)]
#[cfg_attr(annotated, traceme(level = 2, meta(x = f64::from(x))))]
fn generic_of<T: Copy + Add<Output = T> + Mul<Output = T>>(x: T, y: T) -> T
where
    f64: From<T>,
{
    black_box(x) * y + x
}

#[inline(never)]
pub fn generic(x: u64) -> u64 {
    u64::from(generic_of(x as u32 & 0xff, 3)) + generic_of(2.5, x as u8 as f64) as u64
}

#[derive(Debug)]
pub struct Counter {
    total: u64,
}

impl Counter {
    #[inline(never)]
    #[cfg_attr(annotated, traceme(level = 2, meta(total = self.total, x)))]
    fn add(&mut self, x: u64) -> &mut Self {
        self.total += work(x);
        self
    }
}

#[inline(never)]
pub fn method(x: u64) -> u64 {
    Counter { total: 1 }.add(x).total
}

#[inline(never)]
#[cfg_attr(annotated, traceme(level = 2, name = "parse", meta(text = text)))]
fn early_return_of(text: &str) -> Result<u64, std::num::ParseIntError> {
    let (first, second) = text.split_at(2);
    let first: u64 = first.parse()?;
    if first > 50 {
        return Ok(first);
    }
    Ok(first + second.parse::<u64>()?)
}

#[inline(never)]
pub fn early_return(x: u64) -> u64 {
    let text = ["1234", "ab34", "12cd", "9900"][x as usize % 4];
    early_return_of(text).unwrap_or(7)
}

#[inline(never)]
#[cfg_attr(annotated, traceme(level = 2, meta(code = ?code)))]
pub fn never(code: i32) -> ! {
    work(1);
    std::process::exit(code)
}

#[inline(never)]
#[cfg_attr(annotated, traceme(level = 2, meta(n)))]
fn impl_trait_of<'a>(n: u64, factor: &'a u64) -> impl Iterator<Item = u64> + use<'a> {
    (0..work(n) % 4).map(move |x| x * *factor)
}

#[inline(never)]
pub fn impl_trait(x: u64) -> u64 {
    impl_trait_of(x, &3).sum()
}

/// Eight levels deep: each call of the benchmark is nine of the function.
#[inline(never)]
#[cfg_attr(annotated, traceme(level = 2, meta(depth)))]
fn recursion_of(depth: u64, x: u64) -> u64 {
    if depth == 0 { work(x) } else { black_box(recursion_of(depth - 1, work(x + depth))) ^ depth }
}

#[inline(never)]
pub fn recursion(x: u64) -> u64 {
    recursion_of(8, x)
}

#[inline(never)]
#[cfg_attr(annotated, traceme(level = 2))]
fn closure_of(mut f: impl FnMut(u64) -> u64, boxed: &dyn Fn(u64) -> u64) -> u64 {
    f(1) + boxed(2)
}

#[inline(never)]
pub fn closure(x: u64) -> u64 {
    let mut sum = x;
    closure_of(
        |y| {
            sum += work(y);
            sum
        },
        &|y| work(y),
    )
}

/// Four rounds.
#[inline(never)]
pub fn scope_in_loop(x: u64) -> u64 {
    let mut sum = 0;
    for round in 0..4 {
        trace_scope!("round", level = 2, meta(round, twice = round * 2));
        if work(round + x) == 1 {
            continue;
        }
        sum += work(round);
    }
    sum
}

#[inline(never)]
#[cfg_attr(annotated, traceme(level = 2, meta(x = %x)))]
pub unsafe extern "C" fn extern_c(x: u64, y: *const u64) -> u64 {
    // SAFETY: the callers here point to a number.
    work(x) + unsafe { *y }
}

#[inline(never)]
#[cfg_attr(annotated, traceme(level = 2, meta(n = N)))]
fn const_generic_of<const N: usize>(array: [u64; N]) -> [u64; N] {
    array.map(work)
}

#[inline(never)]
pub fn const_generic(x: u64) -> u64 {
    const_generic_of([x; 3]).iter().sum::<u64>() + const_generic_of([x, 1])[1]
}

/// Six annotations in a call.
#[inline(never)]
#[cfg_attr(annotated, traceme(level = 2, span = outer, meta(x, text = format!("{x}"), shown = %x, debugged = ?text)))]
pub fn all_macros(x: u64, text: &str) -> u64 {
    trace_scope!("scope", level = 2, meta(length = text.len()));
    let inner = span!(name = format!("inner {x}"), level = 2, meta(x));
    let y = work(x);
    append!(inner, y, text = format!("{text} {y}"));
    instant!("instant", level = 2, flow_out = traceme::Flow::new(), meta(y, first = text.chars().next()));
    counter!("counter", y + 1, unit = "B", level = 2);
    let job = activity!("job", level = 2, meta(y));
    let part = activity!(name = format!("part {x}"), level = 2, parent = &job);
    #[cfg(annotated)]
    {
        part.end();
        job.end();
        inner.stop();
    }
    y + text.len() as u64
}

#[inline(never)]
pub fn steps_in_loop(x: u64) -> u64 {
    let mut sum = 0;
    for n in 0..3 {
        step!("step", n + x, level = 2, meta(sum));
        sum += work(n);
    }
    sum
}

async fn suspend() {
    let mut is_first = true;
    std::future::poll_fn(|context| {
        if std::mem::take(&mut is_first) { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
}

async fn future(x: u64) -> u64 {
    let before = {
        trace_scope!("before", level = 2, meta(x));
        work(x)
    };
    suspend().await;
    let held = [before; 4];
    suspend().await;
    let after = trace_scope!("after", { work(before) });
    after + held[2]
}

#[inline(never)]
pub fn asynchronous(x: u64) -> u64 {
    let mut future = pin!(future(x));
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
            return result + size_of_val(&*future) as u64;
        }
    }
}

async fn futures(x: u64) -> u64 {
    let (held, only_here) = ([x; 4], work(x));
    let work = async move {
        suspend().await;
        work(x)
    };
    let first = traced!(work, "first", level = 2, meta(x, kind = "future")).await;
    // What the future borrows is a temporary.
    let length = async |text: &str| text.len() as u64;
    first + held[2] + traced!(length(&x.to_string()), "second", skip_polls, meta(only_here)).await
}

#[inline(never)]
pub fn awaited(x: u64) -> u64 {
    let mut future = pin!(futures(x));
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
            return result + size_of_val(&*future) as u64;
        }
    }
}

#[inline(never)]
#[cfg_attr(annotated, traceme(level = 2, ret, alert = "5ms"))]
pub fn returns(mut x: u64, y: &mut u64) -> u64 {
    x += work(*y);
    *y = x;
    if x == 7 {
        return 1;
    }
    x + 1
}

#[inline(never)]
#[cfg_attr(annotated, traceme(level = 2, ret(Value), err, meta(text = text)))]
fn fails_of(text: &str, keep: String) -> Result<u64, std::num::ParseIntError> {
    let x = text.parse::<u64>()?;
    if x > 50 {
        drop(keep);
        return Ok(1);
    }
    Ok(x + keep.len() as u64)
}

#[inline(never)]
pub fn fails(x: u64) -> u64 {
    fails_of(["12", "x", "90"][x as usize % 3], x.to_string()).unwrap_or(3)
}

#[inline(never)]
#[cfg_attr(annotated, traceme(level = 2, err(Debug), span = s))]
fn generic_error_of<'a, T, E: std::fmt::Debug>(list: &'a mut [T], error: E) -> Result<&'a mut T, E> {
    #[cfg(annotated)]
    append!(s, length = list.len());
    list.first_mut().ok_or(error)
}

#[inline(never)]
pub fn generic_error(x: u64) -> u64 {
    let first = generic_error_of(&mut [x, 2], ()).map_or(0, |x| *x);
    first + generic_error_of(&mut [0_u8; 0], x).map_or_else(|error| error, |x| u64::from(*x))
}

pub struct Block<'a> {
    left: &'a [u64],
}

#[cfg_attr(annotated, traceme(level = 2, alert = "1us"))]
impl<'a> Block<'a> {
    #[inline(never)]
    pub fn in_a_block(&mut self) -> Option<&'a u64> {
        let (first, left) = self.left.split_first()?;
        self.left = left;
        Some(first)
    }
}

#[cfg_attr(annotated, traceme(level = 2))]
impl Iterator for Block<'_> {
    type Item = u64;

    #[inline(never)]
    fn next(&mut self) -> Option<u64> {
        self.in_a_block().map(|x| work(*x))
    }
}

#[inline(never)]
pub fn block_of_a_trait(x: u64) -> u64 {
    Block { left: &[x, 1, 2] }.sum()
}

pub mod shapes_futures;
pub mod shapes_metadata;
