//! The only place that reads time.
//!
//! Ticks are what the hot path stores: the processor's counter where it is known to be steady (`rdtsc`,
//! `cntvct_el0`), else nanoseconds of the system's monotonic clock. They become nanoseconds when a trace is
//! read: see [`time`](super::time).

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crate::record::os;
use crate::record::time::{Anchor, Clock, ClockSource};

const UNKNOWN: u8 = 0;
const COUNTER: u8 = 1;
const MONOTONIC: u8 = 2;
const MOCK: u8 = 3;

/// One of the four constants above. It changes when a first session starts, and in tests.
static SOURCE: AtomicU8 = AtomicU8::new(UNKNOWN);
static MOCK_TICKS: AtomicU64 = AtomicU64::new(0);
/// What `SOURCE` was decided to be, and the first anchor: the far end of the line for short sessions.
static CHOSEN: OnceLock<(u8, Anchor)> = OnceLock::new();

/// Whether the time in ticks is [`counter`].
#[inline(always)]
pub(crate) fn is_counter() -> bool {
    // Relaxed: a decision that never changes once an event can be recorded.
    SOURCE.load(Ordering::Relaxed) == COUNTER
}

/// The system's monotonic clock, in ns, wherever ticks come from.
pub(crate) fn monotonic_ns() -> u64 {
    os::monotonic_ns()
}

/// The time in ticks.
pub(crate) fn now() -> u64 {
    match source() {
        ClockSource::Counter => counter(),
        // Relaxed: the mock is set by the thread that reads it, or before that is started.
        ClockSource::Mock => MOCK_TICKS.load(Ordering::Relaxed),
        ClockSource::Monotonic => os::monotonic_ns(),
    }
}

/// The same, also before a session has started: then the first call takes as long as [`choose`].
pub(crate) fn now_anytime() -> u64 {
    // Relaxed: see `now`.
    if SOURCE.load(Ordering::Relaxed) == UNKNOWN {
        choose();
    }
    now()
}

/// The processor's counter.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
#[allow(unsafe_code, reason = "the counter is read by an intrinsic that is unsafe by convention")]
pub(crate) fn counter() -> u64 {
    // SAFETY: every x86-64 processor has the instruction, and Linux, macOS and Windows leave it to user code.
    unsafe { core::arch::x86_64::_rdtsc() }
}

#[cfg(target_arch = "aarch64")]
#[inline(always)]
#[allow(unsafe_code, reason = "the counter is a system register")]
pub(crate) fn counter() -> u64 {
    let ticks;
    // SAFETY: reads a register that the architecture lets user code read; touches neither memory nor stack.
    unsafe { core::arch::asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack, preserves_flags)) };
    ticks
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) fn counter() -> u64 {
    os::monotonic_ns()
}

/// Whether the counter ticks at one rate on all cores, whatever they do.
#[cfg(target_arch = "x86_64")]
fn counter_is_steady() -> bool {
    const POWER: u32 = 0x8000_0007;
    const INVARIANT: u32 = 1 << 8;
    let invariant = cpuid(0x8000_0000).eax >= POWER && cpuid(POWER).edx & INVARIANT != 0;
    // Linux measures the counters of all cores against each other and stops using one that drifts.
    invariant && os::counter_is_trusted()
}

/// What the processor tells of itself.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, unused_unsafe, reason = "older compilers have it unsafe")]
fn cpuid(leaf: u32) -> core::arch::x86_64::CpuidResult {
    // SAFETY: every x86-64 processor has the instruction.
    unsafe { core::arch::x86_64::__cpuid(leaf) }
}

#[cfg(not(target_arch = "x86_64"))]
fn counter_is_steady() -> bool {
    cfg!(target_arch = "aarch64")
}

/// Decides on the clock. The first call takes 0.2 ms, to see the counter advance beside the monotonic clock.
pub(crate) fn choose() {
    let &(source, _) = CHOSEN.get_or_init(|| {
        let first = anchor_of(counter);
        let plausible = counter_is_steady() && {
            let mut second = first;
            while second.ns.saturating_sub(first.ns) < 200_000 {
                second = anchor_of(counter);
            }
            // 1 MHz to 100 GHz.
            let ticks = second.ticks.saturating_sub(first.ticks);
            (200..20_000_000 * 10).contains(&ticks)
        };
        if plausible { (COUNTER, first) } else { (MONOTONIC, anchor_of(os::monotonic_ns)) }
    });
    // Relaxed: see `now`. A mock that a test has set stays.
    let _ = SOURCE.compare_exchange(UNKNOWN, source, Ordering::Relaxed, Ordering::Relaxed);
}

/// One moment on both clocks: the closest pair of a few tries.
pub(crate) fn anchor() -> Anchor {
    match source() {
        ClockSource::Mock => Anchor { ticks: now(), ns: now() },
        _ => anchor_of(now),
    }
}

/// One moment on both clocks, read once: for the hot path's rarer turns.
pub(crate) fn anchor_once() -> Anchor {
    match source() {
        ClockSource::Mock => Anchor { ticks: now(), ns: now() },
        _ => Anchor { ticks: now(), ns: os::monotonic_ns() },
    }
}

fn anchor_of(ticks: impl Fn() -> u64) -> Anchor {
    let pair = || {
        let before = ticks();
        let ns = os::monotonic_ns();
        let width = ticks().saturating_sub(before);
        (width, Anchor { ticks: before + width / 2, ns })
    };
    (0..5).map(|_| pair()).min_by_key(|&(width, _)| width).map_or_else(Anchor::default, |(_, anchor)| anchor)
}

/// Makes the clock give `ticks`, 1 ns each, from here on. For tests.
pub fn mock(ticks: u64) {
    // Relaxed, both: see `now`.
    MOCK_TICKS.store(ticks, Ordering::Relaxed);
    SOURCE.store(MOCK, Ordering::Relaxed);
}

/// Where ticks come from.
pub(crate) fn source() -> ClockSource {
    // Relaxed: see `now`.
    match SOURCE.load(Ordering::Relaxed) {
        COUNTER => ClockSource::Counter,
        MOCK => ClockSource::Mock,
        _ => ClockSource::Monotonic,
    }
}

/// The clock of a session that began at `start` and ends now.
pub(crate) fn since(start: Anchor, wall_ns: u64) -> Clock {
    let (stop, source) = (anchor(), source());
    if source != ClockSource::Counter {
        return Clock::even(source, start, stop, wall_ns);
    }
    // A short session takes the rate since the process's first anchor: its own ends are too close together.
    let short = stop.ns.saturating_sub(start.ns) < 1_000_000_000;
    let from = CHOSEN.get().filter(|_| short).map_or(start, |&(_, first)| first);
    Clock::through(from, start, stop, wall_ns)
}

/// So many nanoseconds, in ticks, by the rate as it is known now.
pub(crate) fn ticks(ns: u64) -> u64 {
    let per_tick = since(anchor(), 0).ns_per_tick();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what is too large becomes the largest"
    )]
    let ticks = (ns as f64 / per_tick) as u64;
    ticks
}

/// So much time, in ticks, by the rate as it is known now.
pub(crate) fn ticks_in(time: Duration) -> u64 {
    since(anchor(), 0).ticks_in(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}

/// How much time so many ticks are, by the rate as it is known now.
pub(crate) fn time_of(ticks: u64) -> Duration {
    Duration::from_nanos(since(anchor(), 0).ns_after(ticks))
}

/// When in ticks a moment of the standard library's clock is: that clock is read beside the ticks, and both count the
/// same time from there.
#[expect(clippy::disallowed_methods, reason = "this is the place that reads time")]
pub(crate) fn ticks_at(instant: Instant) -> u64 {
    let pair = |_| {
        let before = now_anytime();
        let there = Instant::now();
        let width = now().saturating_sub(before);
        (width, before + width / 2, there)
    };
    let Some((_, here, there)) = (0..5).map(pair).min_by_key(|&(width, ..)| width) else { return 0 };
    let ahead = ticks_in(instant.saturating_duration_since(there));
    here.saturating_add(ahead).saturating_sub(ticks_in(there.saturating_duration_since(instant)))
}

/// Nanoseconds since 1970; 0 where there is no clock.
#[expect(clippy::disallowed_methods, reason = "this is the place that reads time")]
pub(crate) fn wall_ns() -> u64 {
    if os::MISSING.is_some() {
        return 0;
    }
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_the_nanoseconds_of_the_monotonic_clock() {
        choose();
        let start = anchor();
        let at = anchor();
        let clock = since(start, 0);
        let expected = at.ns - start.ns;
        // An anchor is as exact as the two reads around it are close: far below a microsecond.
        assert!(clock.ns(at.ticks).abs_diff(expected) < 5_000, "{} for {expected}", clock.ns(at.ticks));
        assert_eq!(clock.ns(start.ticks), 0);
    }
}
