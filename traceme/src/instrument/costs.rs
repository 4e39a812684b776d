//! Measuring what recording costs: on the way of annotations, into memory that no session has.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::callsite::{CallsiteCell, CallsiteKind, StaticCallsite};
use crate::category::Category;
use crate::error::Error;
use crate::instrument::selftest::Selftest;
use crate::instrument::span::{self, SpanGuard};
use crate::instrument::value::Values;
use crate::record::args::Out;
use crate::record::recorder::{self, Settle};
use crate::record::trial::{self, Trial};
use crate::record::{clock, fork, os, process, wire};

/// The events of a slice.
const EVENTS: u32 = 512;
/// The most words that an event takes: head and end, tag, two integers and a text.
const LARGEST: usize = 6;
/// The most slices of a kind, and the fewest, however long they take.
const MOST: usize = 200;
const LEAST: usize = 25;
/// For how long slices are measured, in ns.
const TIME: u64 = 12_000_000;

/// What was found first.
static KNOWN: OnceLock<Option<Selftest>> = OnceLock::new();

thread_local! {
    /// Whether the calling thread is to wait for no self-test.
    static HASTENS: Cell<bool> = const { Cell::new(false) };
}

/// What the words of the callsites here are compared with: they are of no session that there is.
static STAMP: AtomicU64 = AtomicU64::new(trial::STAMP);
static RECORDED: CallsiteCell = CallsiteCell::new(DESCRIPTION);
static RESTING: CallsiteCell = CallsiteCell::new(DESCRIPTION);
const DESCRIPTION: StaticCallsite =
    StaticCallsite::new(CallsiteKind::Span, "selftest", 1, Category::DEFAULT, module_path!(), &[]);

#[derive(Debug)]
struct OfTrial;

impl Settle for OfTrial {
    fn settle() {}

    #[inline(always)]
    fn stamp() -> u64 {
        // Relaxed: it never changes.
        STAMP.load(Ordering::Relaxed)
    }
}

/// Measures what recording costs, in some 15 ms.
///
/// It needs no session, and what it records is in none: it runs on a thread of its own, through the functions that
/// annotations call, into memory of its own. Beside a session it competes for a processor, as any thread does. Each
/// call measures anew. What was found first is what summaries [estimate the overhead](crate::analysis::Overhead) with, and
/// what exported files say; the first of these measures it [unless it is known](crate::export#costs).
///
/// ```
/// let costs = traceme::selftest()?;
/// println!("{costs}");
/// assert!(costs.span_ns > 0.0);
/// # Ok::<(), traceme::Error>(())
/// ```
///
/// # Errors
///
/// If no thread can be started; in a process made by `fork`, where a thread may never begin
/// ([`is_forked`](Error::is_forked)); and if recording is compiled out.
pub fn selftest() -> Result<Selftest, Error> {
    if let Some(what) = os::MISSING {
        return Err(Error::missing(what));
    }
    if fork::forks() > 0 {
        return Err(Error::selftest_in_child());
    }
    let costs = on_a_thread()?;
    // Another one may have been first.
    let _ = KNOWN.set(Some(costs));
    Ok(costs)
}

/// What a self-test found first, if that is the process. Runs one if none did; `None` where that can't be.
pub(crate) fn known_in(pid: u32) -> Option<Selftest> {
    if pid != process::id() {
        return None;
    }
    // In a child made by `fork` nobody finds what was being measured in the parent.
    if fork::forks() > 0 || is_in_haste() { KNOWN.get().copied()? } else { *KNOWN.get_or_init(|| on_a_thread().ok()) }
}

/// Calls a function that starts no self-test and waits for none: what it saves says what is known of the costs.
pub(crate) fn in_haste<T>(act: impl FnOnce() -> T) -> T {
    let before = HASTENS.replace(true);
    let done = act();
    HASTENS.set(before);
    done
}

/// A panic waits for nothing either, in a hook or where it drops what saves.
fn is_in_haste() -> bool {
    HASTENS.get() || thread::panicking()
}

/// On a thread that no program traces, but in signal handlers and allocators.
fn on_a_thread() -> Result<Selftest, Error> {
    let thread = thread::Builder::new().name("traceme-selftest".into()).spawn(measure);
    let thread = thread.map_err(|error| Error::memory(format!("the self-test's thread can't be started: {error}")))?;
    thread.join().map_err(|_| Error::memory("the self-test's thread panicked".into()))
}

fn measure() -> Selftest {
    clock::choose();
    RECORDED.set_word(wire::word(trial::STAMP, 1));
    RESTING.rest();
    let kinds: [fn(&Trial) -> Option<f64>; 5] = [
        read_clock,
        |trial| slice(trial, EVENTS, || drop(annotation(&RECORDED))),
        |trial| slice(trial, EVENTS, || drop(annotation_with_values(&RECORDED))),
        |trial| slice(trial, EVENTS, || span::instant(recorder::admit::<OfTrial>(&RECORDED), ())),
        // So many that the time to look at the clock doesn't count.
        |trial| slice(trial, 16 * EVENTS, || drop(annotation(&RESTING))),
    ];
    let mut slices = kinds.map(|_| Vec::with_capacity(MOST));
    let (trial, until) = (Trial::new(), clock::monotonic_ns() + TIME);
    for round in 0..MOST {
        if round >= LEAST && clock::monotonic_ns() >= until {
            break;
        }
        // By turns: what disturbs one kind for a while disturbs all.
        kinds.iter().zip(&mut slices).for_each(|(kind, slices)| slices.extend(kind(&trial)));
    }
    let [clock_read_ns, span_ns, span_with_values_ns, instant_ns, not_recording_ns] = slices.map(median);
    let clock = clock::source();
    Selftest { clock, clock_read_ns, span_ns, span_with_values_ns, instant_ns, not_recording_ns }
}

/// How many ns each of so many events takes; `None` if the thread was disturbed.
fn slice(trial: &Trial, events: u32, event: impl Fn()) -> Option<f64> {
    trial.begin(EVENTS as usize * LARGEST);
    let begun = clock::monotonic_ns();
    (0..events).for_each(|_| event());
    let took = clock::monotonic_ns() - begun;
    trial.is_undisturbed().then_some(took as f64 / f64::from(events))
}

fn read_clock(trial: &Trial) -> Option<f64> {
    if clock::is_counter() {
        slice(trial, EVENTS, || _ = black_box(clock::counter()))
    } else {
        slice(trial, EVENTS, || _ = black_box(clock::now()))
    }
}

/// A list of no values, of a type of its own: a second caller of the function that begins all spans without values would
/// keep the compiler from inlining into that, which costs each span 18 instructions.
struct Nothing;

impl Values for Nothing {
    const COUNT: u64 = 0;

    #[inline(always)]
    fn tags(&self) -> u64 {
        0
    }

    #[inline(always)]
    fn words(&self) -> usize {
        0
    }

    #[inline(always)]
    fn put(&self, _: &mut Out<'_>) {}
}

/// What `span!` becomes.
#[inline(always)]
fn annotation(site: &'static CallsiteCell) -> SpanGuard {
    if !black_box(site).is_awake() {
        return SpanGuard::INERT;
    }
    match recorder::admit::<OfTrial>(site) {
        0 => SpanGuard::INERT,
        word => span::enter_with(word, Nothing),
    }
}

/// The same with values.
#[inline(always)]
fn annotation_with_values(site: &'static CallsiteCell) -> SpanGuard {
    match recorder::admit::<OfTrial>(black_box(site)) {
        0 => SpanGuard::INERT,
        word => span::enter_with(word, black_box((1_u64, (2_i64, ("text", ()))))),
    }
}

fn median(mut slices: Vec<f64>) -> f64 {
    slices.sort_by(f64::total_cmp);
    slices.get(slices.len() / 2).copied().unwrap_or(0.0)
}
