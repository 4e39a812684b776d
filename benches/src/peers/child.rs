//! What a process of its own measures of one peer.

use std::thread;
use std::time::Duration;

use super::figures::{Row, line, saved_line};
use super::peer::About;
use super::{cost, held};
use crate::clock::ns_per_tick;
use crate::slices::Patience;

/// How long a process waits for the machine to be quiet, for each figure.
const PATIENCE: Duration = Duration::from_secs(2);

/// What can be measured in one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// A span while nothing records: the peer is not started.
    Off,
    /// What recording costs its thread.
    Cost,
    /// The same with two threads.
    Threads,
    /// The memory of a million spans.
    Bytes,
    /// The same with values.
    BytesWithValues,
    /// Collecting a million spans.
    Collect,
    /// A file of a million spans, in the format with this number.
    Save(usize),
}

impl Task {
    /// What there is to measure of a peer.
    pub fn all(about: &About) -> Vec<Self> {
        let subjects = &about.subjects;
        let mut tasks = vec![];
        tasks.extend(subjects.off.map(|_| Self::Off));
        tasks.extend([Self::Cost, Self::Threads]);
        tasks.extend(about.holds.then_some(Self::Bytes));
        tasks.extend(subjects.values.filter(|_| about.holds).map(|_| Self::BytesWithValues));
        tasks.extend(about.reads.then_some(Self::Collect));
        tasks.extend((0..about.formats.len()).map(Self::Save));
        tasks
    }

    /// Measures it, in a process that has done nothing else; gives lines of figures.
    ///
    /// # Panics
    ///
    /// If the peer doesn't do that, or has not recorded what it was told.
    pub fn measure(self, about: &About) -> String {
        let subjects = &about.subjects;
        let patience = || Patience::of(PATIENCE);
        let span = subjects.span.expect("every peer records spans");
        let ns_per_tick = if matches!(self, Self::Off | Self::Cost) { ns_per_tick_by_now() } else { 0.0 };
        if self == Self::Off {
            let off = subjects.off.expect("it has an off");
            return line(Row::Off, cost::of(about, None, off, ns_per_tick, patience()));
        }
        let mut peer = (about.start)();
        let peer = &mut *peer;
        match self {
            Self::Off => unreachable!("measured before"),
            Self::Cost => {
                let rows = [
                    (Row::Span, subjects.span),
                    (Row::Values, subjects.values),
                    (Row::Instant, subjects.instant),
                    (Row::Deep, subjects.deep),
                ];
                let recorded: Vec<_> = rows.into_iter().filter_map(|(row, record)| Some((row, record?))).collect();
                for &(_, record) in &recorded {
                    cost::warm_up(about, peer, record);
                }
                let mut cost = |record| cost::of(about, Some(&mut *peer), record, ns_per_tick, patience());
                recorded.into_iter().map(|(row, record)| line(row, cost(record))).collect()
            }
            Self::Threads => line(Row::Threads, cost::scaling(about, peer, span, patience())),
            Self::Bytes => line(Row::Bytes, held::bytes(peer, span)),
            Self::BytesWithValues => {
                line(Row::BytesWithValues, held::bytes(peer, subjects.values.expect("it takes values")))
            }
            Self::Collect => line(Row::Collect, held::collect(peer, span, patience())),
            Self::Save(format) => saved_line(&held::save(peer, span, about.formats[format], patience())),
        }
    }
}

/// The length of a tick. traceme measures it from the process's first session on, so one is started before.
fn ns_per_tick_by_now() -> f64 {
    ns_per_tick();
    thread::sleep(Duration::from_millis(20));
    ns_per_tick()
}
