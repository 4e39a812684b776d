//! Functions of twelve shapes, from one source: with annotations, and without.

pub mod annotated;
pub mod bare;

use std::hint::black_box;

/// A function, compiled twice.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// What is special about it.
    pub name: &'static str,
    /// The function.
    pub call: fn(u64) -> u64,
    /// How many annotations a call of it meets.
    pub annotations: u32,
}

/// What the shapes do: a few ns, the result of which they need.
#[inline(never)]
pub fn work(x: u64) -> u64 {
    (0..3).fold(x, |x, _| (x ^ x >> 31).wrapping_mul(0x7fb5_d329_728e_a185))
}

/// Calls a shape, each time with what it gave the last time, from one loop for all.
#[inline(never)]
pub fn call_in_a_chain(shape: fn(u64) -> u64, calls: u64) {
    let mut x = 1;
    for _ in 0..calls {
        x = shape(x);
    }
    black_box(x);
}

/// Calls a shape with numbers that don't depend on each other.
#[inline(never)]
pub fn call_independently(shape: fn(u64) -> u64, calls: u64) {
    for at in 0..calls {
        black_box(shape(at));
    }
}
