//! What recording costs the thread that does it: slices of a peer and of the floor, in turn.

use super::figures::Figure;
use super::peer::{About, Peer};
use crate::clock::pairs;
use crate::quiet::is_quiet;
use crate::slices::{Patience, Times, columns, time};
use crate::two_threads::{Scaling, TwoThreads};

/// Slices in a comparison.
const SLICES: usize = 100;

/// How much more two threads have to read the clock than one.
const LEAST_SCALING: f64 = 1.96;

/// Slices that were quiet, or, if the machine never is, others.
struct Gathered<T> {
    slices: Vec<T>,
    is_quiet: bool,
}

/// Calls `one` until it was quiet often enough, or patience is over. It says whether it was.
fn gather<T>(wanted: usize, patience: Patience, mut one: impl FnMut() -> (bool, T)) -> Gathered<T> {
    let (mut quiet, mut others) = (Vec::new(), Vec::new());
    while quiet.len() < wanted && (quiet.len() + others.len() < wanted || !patience.is_over()) {
        let (was_quiet, slice) = one();
        if was_quiet { quiet.push(slice) } else { others.push(slice) }
    }
    let is_quiet = quiet.len() * 2 >= wanted;
    if !is_quiet {
        quiet.append(&mut others);
    }
    Gathered { slices: quiet, is_quiet }
}

/// What one thing costs, in ns, while a peer records or, without one, while none does.
pub(super) fn of(
    about: &About,
    mut peer: Option<&mut (dyn Peer + '_)>,
    record: fn(u64),
    ns_per_tick: f64,
    patience: Patience,
) -> Figure {
    let count = about.slice;
    let gathered = gather(SLICES, patience, || {
        let was_quiet = is_quiet();
        if let Some(peer) = &mut peer {
            peer.begin();
        }
        let slice = [time(|| pairs(count)), time(|| record(count))];
        if let Some(peer) = &mut peer {
            // Its own threads have nothing to do any more, so the second look is at others.
            peer.end(count);
        }
        (was_quiet && is_quiet(), slice)
    });
    let [floor, times] = columns(&gathered.slices);
    Figure {
        value: times.p10() * ns_per_tick / count as f64,
        of_floor: times.p10() / floor.p10(),
        is_steady: gathered.is_quiet && !floor.is_void(),
    }
}

/// Rounds of which nothing is measured: allocators learn how much comes, and memory has been used before.
pub(super) fn warm_up(about: &About, peer: &mut dyn Peer, record: fn(u64)) {
    for _ in 0..10 {
        peer.begin();
        record(about.slice);
        peer.end(about.slice);
    }
}

/// How much more two threads record than one; beside it, of how much more they read the clock.
pub(super) fn scaling(about: &About, peer: &mut dyn Peer, record: fn(u64), patience: Patience) -> Figure {
    let count = about.slice;
    let gathered = TwoThreads::with(record, count, |threads| {
        gather(SLICES, patience, || {
            let mut slice = [[0; 2]; 2];
            let round = || {
                peer.begin();
                slice[0] = threads.alone();
                peer.end(count);
                peer.begin();
                slice[1] = threads.both();
                peer.end(2 * count);
            };
            (threads.quietly(round).is_some(), slice)
        })
    });
    let Scaling { times, of_reads, of_records } = Scaling::of(&gathered.slices);
    let is_void = Times::is_void(&times[0]) || Times::is_void(&times[2]);
    // Else there were no two cores for them.
    let is_parallel = (LEAST_SCALING..).contains(&of_reads);
    Figure {
        value: of_records,
        of_floor: of_records / of_reads,
        is_steady: gathered.is_quiet && is_parallel && !is_void,
    }
}

/// What the processor takes for something that happens a few times, in ns: the least; and whether the floor was steady
/// beside it. `once` gives the ns.
pub(super) fn least(patience: Patience, mut once: impl FnMut() -> f64) -> (f64, bool) {
    const TIMES: usize = 5;
    let gathered = gather(TIMES, patience, || {
        let was_quiet = is_quiet();
        let floor = time(|| pairs(20_000));
        let ns = once();
        (was_quiet && is_quiet(), (ns, floor))
    });
    let floor = Times::new(gathered.slices.iter().map(|slice| slice.1));
    let least = gathered.slices.iter().map(|slice| slice.0).fold(f64::INFINITY, f64::min);
    (least, gathered.is_quiet && !floor.is_void())
}
