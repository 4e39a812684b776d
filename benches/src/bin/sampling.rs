//! What sampling costs a function of some 40 ns, by what the function does and by rate: figures for docs/sampling.md.
#![allow(clippy::print_stdout, reason = "a program that prints what it measured")]

use std::hint::black_box;

use benches::clock::{ns_per_tick, pairs};
use benches::quiet::quietly;
use benches::slices::{columns, time};
use traceme::{Memory, Session, trace_scope};

const COUNT: u64 = 10_000;
const SLICES: usize = 150;
/// Slices after which the machine is taken to be busy.
const PATIENCE: usize = 3000;

/// One chain of multiplications: each step waits for the one before.
#[inline(always)]
fn chain(mut n: u64) -> u64 {
    for _ in 0..43 {
        n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5555;
    }
    n
}

/// Four chains side by side, two of which wait for another.
#[inline(always)]
fn wide(n: u64) -> u64 {
    let (mut a, mut b, mut c, mut d) = (n, n ^ 1, n ^ 2, n ^ 3);
    for _ in 0..42 {
        a = (a ^ (a << 7)).wrapping_add(1);
        b = (b ^ (b << 9)).wrapping_add(a);
        c = (c ^ (c << 3)).wrapping_add(5);
        d = (d ^ (d << 11)).wrapping_add(c);
    }
    a ^ b ^ c ^ d
}

/// As many additions as a processor can do at a time: what is added has to wait for its turn.
#[inline(always)]
fn full(n: u64) -> u64 {
    let mut sums = [n, n ^ 1, n ^ 2, n ^ 3, n ^ 4, n ^ 5];
    for step in 0..48_u64 {
        for sum in &mut sums {
            *sum = black_box(sum.wrapping_add(step));
        }
    }
    sums.iter().fold(0, |all, sum| all ^ sum)
}

macro_rules! loads {
    ($($work:ident $bare:ident $annotated:ident;)*) => {
        $(
            #[inline(never)]
            fn $bare(count: u64) {
                let mut n = 1;
                for _ in 0..count {
                    n = $work(n);
                }
                black_box(n);
            }

            #[inline(never)]
            fn $annotated(count: u64) {
                let mut n = 1;
                for _ in 0..count {
                    trace_scope!("hot");
                    n = $work(n);
                }
                black_box(n);
            }
        )*
        const LOADS: &[(&str, fn(u64), fn(u64))] = &[$((stringify!($work), $bare, $annotated)),*];
    };
}
loads! {
    chain bare_chain annotated_chain;
    wide bare_wide annotated_wide;
    full bare_full annotated_full;
}

fn main() {
    let ns = ns_per_tick() / COUNT as f64;
    let clock = columns(&(0..SLICES).filter_map(|_| quietly(|| [time(|| pairs(COUNT))])).collect::<Vec<_>>());
    println!("two reads of the clock: {:.2} ns", clock[0].p10() * ns);
    for &(name, bare, annotated) in LOADS {
        let mut skip = 0.0;
        for rate in [1e-9, 0.01, 0.05, 0.1, 0.5, 1.0] {
            let mut slices = Vec::new();
            for _ in 0..PATIENCE / 50 {
                if slices.len() >= SLICES {
                    break;
                }
                let memory = Memory::ring(16 << 20);
                let session = Session::builder().filter(format!("all@{rate}")).memory(memory).start();
                let session = session.expect("no session runs");
                annotated(COUNT);
                let both = || [time(|| bare(COUNT)), time(|| annotated(COUNT))];
                slices.extend((0..50).filter_map(|_| quietly(both)));
                drop(session);
            }
            if slices.is_empty() {
                println!("{name} at {rate}: the machine is busy");
                continue;
            }
            let [bare, with] = columns(&slices).map(|times| times.p10() * ns);
            let added = with - bare;
            if rate < 1e-6 {
                skip = added;
            }
            let recorded = (added - skip * (1.0 - rate)) / rate;
            let recorded = if rate < 1e-6 { String::new() } else { format!(": {recorded:.1} ns a recorded one") };
            println!("{name} of {bare:.2} ns at {rate}: {added:+.3} ns a call{recorded}");
        }
    }
}
