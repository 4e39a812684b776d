//! How long a writer is held up, at worst.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::ring;
use crate::clock::{ns_per_tick, pairs, ticks};
use crate::quiet::quietly;
use crate::sessions::{assert_whole, start, start_in, warm_up};
use crate::slices::{Outcome, Patience, Times};
use crate::subjects::spans;

/// Spans in a session, all in memory that was used before.
const SPANS: usize = 500_000;
/// Spans between two looks at whether the core is shared: a third of a millisecond.
const BLOCK: usize = 10_000;
/// Blocks in a measurement: 3 million spans.
const BLOCKS: usize = 300;
/// Refills in a measurement.
const REFILLS: usize = 100;

/// The times of the spans of a block, one by one, and of as many pairs of clock reads: what the machine itself does
/// to a thread.
struct Block {
    spans: Vec<u64>,
    reads: Vec<u64>,
    /// How many spans lie before it in its session.
    before: usize,
}

pub(super) fn p99_9() -> Outcome {
    Patience::of_row(|patience| quantile(0.999, session, patience))
}

pub(super) fn p99_99() -> Outcome {
    Patience::of_row(|patience| quantile(0.9999, session, patience))
}

pub(super) fn p99_9_during_snapshots() -> Outcome {
    Patience::of_row(|patience| quantile(0.999, snapshots, patience))
}

pub(super) fn p99_99_during_snapshots() -> Outcome {
    Patience::of_row(|patience| quantile(0.9999, snapshots, patience))
}

fn quantile(part: f64, session: fn() -> Vec<Block>, patience: Patience) -> Result<Outcome, Outcome> {
    let blocks = patience.gather(BLOCKS, |blocks| blocks.extend(session()))?;
    let ns = ns_per_tick();
    let spans = Times::new(blocks.iter().flat_map(|block| &block.spans).copied());
    let reads = Times::new(blocks.iter().flat_map(|block| &block.reads).copied());
    let note = format!(
        "of {} spans, median {:.0}; two clock reads {:.0}, median {:.0}",
        blocks.len() * BLOCK,
        spans.median() * ns,
        reads.quantile(part) * ns,
        reads.median() * ns
    );
    Ok(Outcome::Measured(spans.quantile(part) * ns, note))
}

/// The times of the spans that go on in a new chunk.
pub(super) fn refill() -> Outcome {
    Patience::of_row(measure_refills)
}

fn measure_refills(patience: Patience) -> Result<Outcome, Outcome> {
    let in_a_chunk = spans_in_a_chunk();
    let mut before = Vec::new();
    let refills = patience.gather(REFILLS, |refills| {
        for block in session() {
            for at in (1..BLOCK).filter(|at| (block.before + at) % in_a_chunk == 0) {
                before.push(block.spans[at - 1]);
                refills.push(block.spans[at]);
            }
        }
    })?;
    let (ns, refills, before) = (ns_per_tick(), Times::new(refills), Times::new(before));
    let found = refills.median() > 1.5 * before.median();
    assert!(found, "the refills are not where they should be: {refills:?}, before them {before:?}");
    let note = format!(
        "p10 {:.0}, p90 {:.0}; the span before {:.0}",
        refills.p10() * ns,
        refills.quantile(0.9) * ns,
        before.median() * ns
    );
    Ok(Outcome::Measured(refills.median() * ns, note))
}

/// The blocks of a session in which the core was not shared.
fn session() -> Vec<Block> {
    warm_up();
    let mut blocks: Vec<Block> = (0..SPANS / BLOCK).map(Block::new).collect();
    let session = start();
    blocks.retain_mut(|block| quietly(|| block.measure()).is_some());
    assert_whole(&session.stop(), SPANS as u64);
    blocks
}

/// The blocks of a ring of 64 MiB that goes round while another thread takes snapshots of it, one after the other. The
/// probes would take that thread for a job that shares the core: they only look before and behind it.
fn snapshots() -> Vec<Block> {
    let mut blocks: Vec<Block> = (0..SPANS / BLOCK).map(Block::new).collect();
    let (session, before) = ring::wrapped(64 << 20);
    let stop = AtomicBool::new(false);
    let is_quiet = quietly(|| {
        thread::scope(|scope| {
            let snapshots = || {
                // Relaxed: a flag by itself.
                while !stop.load(Ordering::Relaxed) {
                    drop(black_box(session.snapshot()));
                }
            };
            thread::Builder::new().name("snapshots".into()).spawn_scoped(scope, snapshots).expect("a thread");
            blocks.iter_mut().for_each(Block::measure);
            // Relaxed: as above.
            stop.store(true, Ordering::Relaxed);
        });
    });
    ring::stop(session, before + SPANS as u64);
    is_quiet.map_or_else(Vec::new, |()| blocks)
}

impl Block {
    /// A block in memory whose pages are there.
    fn new(at: usize) -> Self {
        Self { spans: vec![1; BLOCK], reads: vec![1; BLOCK], before: at * BLOCK }
    }

    fn measure(&mut self) {
        time_each(&mut self.reads, pairs);
        time_each(&mut self.spans, spans);
    }
}

/// Times calls one by one.
#[inline(always)]
fn time_each(times: &mut [u64], what: fn(u64)) {
    for time in times {
        let start = ticks();
        what(1);
        *time = ticks() - start;
    }
}

/// How many spans a chunk holds.
fn spans_in_a_chunk() -> usize {
    let session = start_in(1);
    spans(20_000);
    let trace = session.stop();
    assert!(trace.losses().total() > 0, "the chunk was not full");
    usize::try_from(trace.event_count()).expect("a chunk's spans")
}
