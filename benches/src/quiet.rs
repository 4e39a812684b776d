//! Whether this thread has its core for itself.
//!
//! A virtual CPU is often one of two threads of a core. Work on the other one, this machine's or a neighbour's,
//! leaves reads of the clock as fast as they were, but slows what surrounds them by a third and more: no
//! percentile helps against that. So a slice counts only if the core was not shared right before and right after.

use crate::slices::time;

/// How much slower than alone the core may be.
const LARGEST: f64 = 1.15;

/// Runs `what`; gives what it gives if the core was not shared before and after.
pub fn quietly<R>(what: impl FnOnce() -> R) -> Option<R> {
    let before = contention();
    let result = what();
    (before < LARGEST && contention() < LARGEST).then_some(result)
}

/// Whether the core is not shared now.
pub fn is_quiet() -> bool {
    contention() < LARGEST
}

/// How long four chains of additions take, of the time of one: little over 1 on a core that is not shared, since it
/// can do four additions at a time; up to 2 on one that is. How fast the core runs cancels out.
#[cfg(target_arch = "x86_64")]
pub fn contention() -> f64 {
    const ROUNDS: u64 = 1000;
    let one = time(|| one_chain(ROUNDS));
    let four = time(|| four_chains(ROUNDS));
    four as f64 / one as f64
}

/// Not known on other processors.
#[cfg(not(target_arch = "x86_64"))]
pub fn contention() -> f64 {
    let _ = time(|| ());
    1.0
}

/// Eight additions a round, each of which needs the one before.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "no optimiser may touch the additions")]
fn one_chain(rounds: u64) {
    // SAFETY: adds to registers; touches neither memory nor stack.
    unsafe {
        std::arch::asm!(
            "2:",
            ".rept 8",
            "add {a}, 1",
            ".endr",
            "dec {rounds}",
            "jnz 2b",
            rounds = inout(reg) rounds => _,
            a = inout(reg) 0_u64 => _,
            options(nomem, nostack),
        );
    }
}

/// Eight times four additions a round, the four of which don't need each other.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "no optimiser may touch the additions")]
fn four_chains(rounds: u64) {
    // SAFETY: adds to registers; touches neither memory nor stack.
    unsafe {
        std::arch::asm!(
            "2:",
            ".rept 8",
            "add {a}, 1",
            "add {b}, 1",
            "add {c}, 1",
            "add {d}, 1",
            ".endr",
            "dec {rounds}",
            "jnz 2b",
            rounds = inout(reg) rounds => _,
            a = inout(reg) 0_u64 => _,
            b = inout(reg) 0_u64 => _,
            c = inout(reg) 0_u64 => _,
            d = inout(reg) 0_u64 => _,
            options(nomem, nostack),
        );
    }
}
