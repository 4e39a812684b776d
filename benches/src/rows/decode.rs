//! What it costs to read a trace.

use traceme::Trace;
use traceme::trace::{Event, Read};

use super::fresh;
use crate::clock::{ns_per_tick, pairs, ticks};
use crate::quiet::{is_quiet, quietly};
use crate::sessions::{assert_whole, start, warm_up};
use crate::slices::{Outcome, Patience, Times, columns, time};
use crate::subjects::{samples, spans, trees};

const SPANS: u64 = 1_000_000;
/// Spans in a slice: less than a millisecond.
const SLICE: u64 = 20_000;

/// A trace to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    /// The argument by which `bars` asks a process of its own for [`of_trace`].
    argument: &'static str,
    record: fn(u64),
    /// Whether the process has sampled a counter, long before the session.
    after_a_sample: bool,
}

const FLAT: Kind = Kind { argument: "--decode-flat", record: spans, after_a_sample: false };
const TREES: Kind = Kind { argument: "--decode-trees", record: trees, after_a_sample: false };
const AFTER_A_SAMPLE: Kind = Kind { argument: "--decode-after-a-sample", record: spans, after_a_sample: true };

/// The kind that has this argument.
pub(super) fn kind(argument: &str) -> Option<Kind> {
    [FLAT, TREES, AFTER_A_SAMPLE].into_iter().find(|kind| kind.argument == argument)
}

/// Spans none of which is inside another.
pub(super) fn flat() -> Outcome {
    Patience::of_row(|patience| measure(FLAT, patience))
}

/// Spans inside each other.
pub(super) fn of_trees() -> Outcome {
    Patience::of_row(|patience| measure(TREES, patience))
}

/// Spans in a process that has sampled a counter once.
pub(super) fn after_a_sample() -> Outcome {
    Patience::of_row(|patience| measure(AFTER_A_SAMPLE, patience))
}

fn measure(kind: Kind, patience: Patience) -> Result<Outcome, Outcome> {
    let process = patience.gather(1, |processes| processes.extend(fresh::numbers::<3>(kind.argument)))?;
    let [tracks, events, floor] = process[0];
    let note = format!("its tracks {tracks:.2}, their events {events:.2}; two clock reads {floor:.2}");
    Ok(Outcome::Measured(tracks + events, note))
}

/// The ns a span that it takes to find the tracks of a trace, then to read their events, and of two clock reads.
/// Nothing if the machine is busy.
///
/// Finding the tracks is measured at a stretch, reading in slices, since it takes longer than the machine is quiet.
pub(super) fn of_trace(kind: Kind) -> String {
    all_of_trace(kind).map_or_else(|_| String::new(), |ns| format!("{} {} {}", ns[0], ns[1], ns[2]))
}

fn all_of_trace(kind: Kind) -> Result<[f64; 3], Outcome> {
    const SLICES: usize = 500;
    if kind.after_a_sample {
        let session = start();
        samples(1);
        assert_whole(&session.stop(), 1);
    }
    warm_up();
    let mut tracks = Vec::new();
    let slices = Patience::of_process().gather(SLICES, |slices| {
        let session = start();
        (kind.record)(SPANS);
        let trace = session.stop();
        tracks.extend(quietly(|| [time(|| assert_eq!(trace.tracks().len(), 1))]));
        slices.append(&mut read_all(&trace));
        assert_whole(&trace, SPANS);
    })?;
    let [events, floor] = columns(&slices);
    if floor.is_void() || tracks.is_empty() {
        return Err(Outcome::Void("the machine is busy".into()));
    }
    let [tracks] = columns(&tracks);
    let a_slice = |times: &Times| times.p10() * ns_per_tick() / SLICE as f64;
    Ok([tracks.p10() * ns_per_tick() / SPANS as f64, a_slice(&events), a_slice(&floor)])
}

/// Adds up the durations of all spans; gives the times of the quiet slices, and those of two clock reads as many
/// times.
fn read_all(trace: &Trace) -> Vec<[u64; 2]> {
    let (mut begun, mut duration) = (0, 0_u64);
    let mut slices = Slices::new();
    for track in trace.tracks() {
        for event in trace.events(track.id) {
            match event {
                Event::Begin { ns, .. } => {
                    duration = duration.wrapping_sub(ns);
                    begun += 1;
                    if begun == slices.end {
                        slices.turn();
                    }
                }
                Event::End { ns, .. } => duration = duration.wrapping_add(ns),
                _ => {}
            }
        }
    }
    assert_eq!(begun, SPANS);
    assert!(duration > 0, "spans take time");
    slices.quiet
}

/// A loop over events, cut in slices.
struct Slices {
    quiet: Vec<[u64; 2]>,
    was_quiet: bool,
    started: u64,
    /// How many spans will have begun when the slice ends.
    end: u64,
}

impl Slices {
    fn new() -> Self {
        Self { quiet: Vec::new(), was_quiet: is_quiet(), started: ticks(), end: SLICE }
    }

    /// Ends a slice and begins the next one.
    #[cold]
    #[inline(never)]
    fn turn(&mut self) {
        let slice = [ticks() - self.started, time(|| pairs(SLICE))];
        let is_quiet = is_quiet();
        self.quiet.extend((self.was_quiet && is_quiet).then_some(slice));
        (self.was_quiet, self.end, self.started) = (is_quiet, self.end + SLICE, ticks());
    }
}
