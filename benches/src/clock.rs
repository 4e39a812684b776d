//! The floor: reads of the clock, as traceme reads it.

use std::hint::black_box;

use traceme::Session;
use traceme::trace::ClockSource;

/// The processor's counter.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
#[allow(unsafe_code, reason = "the counter is read by an intrinsic that is unsafe by convention")]
pub fn ticks() -> u64 {
    // SAFETY: every x86-64 processor has the instruction, and the systems that traceme runs on leave it to user code.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// The processor's counter.
#[cfg(target_arch = "aarch64")]
#[inline(always)]
#[allow(unsafe_code, reason = "the counter is a system register")]
pub fn ticks() -> u64 {
    let ticks;
    // SAFETY: reads a register that the architecture lets user code read; touches neither memory nor stack.
    unsafe { core::arch::asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack, preserves_flags)) };
    ticks
}

/// Reads the clock `count` times.
#[inline(never)]
pub fn reads(count: u64) {
    for _ in 0..count {
        black_box(ticks());
    }
}

/// Reads the clock twice, `count` times: what a span can't do without.
#[inline(never)]
pub fn pairs(count: u64) {
    for _ in 0..count {
        black_box(ticks());
        black_box(ticks());
    }
}

/// The length of a tick in ns, as traceme measures it from the process's first session on.
///
/// # Panics
///
/// If traceme doesn't use the counter on this machine: then the bars say nothing.
pub fn ns_per_tick() -> f64 {
    let trace = Session::start(1).expect("no session runs").stop();
    assert_eq!(trace.clock().source, ClockSource::Counter, "the bars are multiples of reads of the counter");
    trace.clock().ns_per_tick
}
