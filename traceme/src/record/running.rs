//! A session while it runs: what is to be seen of it, and what is given away.

use std::sync::Arc;

use crate::record::allowance;
use crate::record::buffers;
use crate::record::chunk::{News, Recorded};
use crate::record::clock;
use crate::record::held::{Cut, Held, Rotated};
use crate::record::numbers;
use crate::record::recorder::{self, Run};
use crate::record::thread::Local;
use crate::record::time::{Anchor, Clock};
use crate::record::wire::EPOCH_SHIFT;

/// A session as those see it who look at it while it runs. Once it has stopped nothing is to be seen here.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(super) run: Arc<Run>,
    pub(super) started: Started,
    /// The number of the process that it records.
    pub(super) forks: u64,
}

/// When a session started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Started {
    pub(super) at: Anchor,
    pub(super) wall_ns: u64,
}

impl Started {
    /// The session's clock up to now.
    pub(crate) fn clock(self) -> Clock {
        clock::since(self.at, self.wall_ns)
    }
}

impl View {
    /// The session as its writers see it.
    pub(crate) fn run(&self) -> &Run {
        &self.run
    }

    /// Whether it hasn't stopped: what threads lose from then on is another session's.
    fn is_running(&self) -> bool {
        recorder::epoch() == self.run.epoch
    }

    /// Its clock up to now.
    pub(crate) fn clock(&self) -> Clock {
        self.started.clock()
    }

    /// What is held at this moment, while writers go on. Takes nothing: the stop gives it again.
    pub(crate) fn snapshot(&self) -> Recorded {
        // Inside the recorder: a signal handler or an allocator that traces would wait for the locks for ever.
        Local::with(|local| {
            let _busy = local.enter();
            self.here(Self::look).unwrap_or_default()
        })
    }

    fn look(&self) -> Recorded {
        let look = |held: &mut Held| (held.peek(), held.overwritten(), self.part(held.cut()));
        let (chunks, mut lost, part) = self.run.supply.with_held(look);
        if self.is_running() {
            lost.append(&mut buffers::losses());
            lost.append(&mut recorder::homeless_losses().look(None));
        }
        let missed_alerts = self.run.alerts.missed();
        Recorded { chunks, lost, missed_alerts, ..part }
    }

    /// Nothing yet, of what was recorded since this cut up to now.
    pub(super) fn part(&self, cut: Cut) -> Recorded {
        let Cut { ticks: since, activity: activities_from } = cut;
        let (shared, clock) = (numbers::is_shared(), self.started.clock());
        Recorded { shared, since, activities_from, clock, budget: allowance::told(), ..Recorded::default() }
    }

    /// Nobody takes [`news`](Self::news) any more.
    pub(crate) fn end_live(&self) {
        // Inside the recorder: as above.
        Local::with(|local| {
            let _busy = local.enter();
            self.run.supply.with_held(|held| held.set_live(false));
        });
    }

    /// What has come since the last call, also of what others gave away meanwhile.
    pub(crate) fn news(&self) -> Recorded {
        // Inside the recorder: as above.
        Local::with(|local| {
            let _busy = local.enter();
            let News { chunks, missed, mut lost } = self.run.supply.with_held(Held::news);
            lost.extend(missed);
            Recorded { chunks, lost, shared: numbers::is_shared(), ..Recorded::of(self.started.clock()) }
        })
    }

    /// Gives away what was recorded since the start, or since the last call, while writers go on: nothing of it is given
    /// again.
    pub(crate) fn rotate(&self) -> Recorded {
        let cut = |view: &Self, held: &mut Held| {
            let part = view.part(held.cut());
            // Behind the look at the chunks: what begins later than that has this number or a higher one.
            let activity = numbers::next_activity(view.run.epoch << EPOCH_SHIFT);
            held.set_cut(Cut { ticks: part.clock.stop.ticks, activity });
            part
        };
        self.here(|view| view.give_away(false, |held| cut(view, held))).unwrap_or_default()
    }

    /// Gives the same away to somebody who puts the parts together again; if only what is `full`, then of chunks that nobody
    /// writes any more.
    pub(crate) fn take(&self, full: bool) -> Recorded {
        self.give_away(full, |held| self.part(held.cut()))
    }

    /// Runs `part`, which says what part it is, while nobody else looks at what is held.
    fn give_away(&self, full: bool, part: impl FnOnce(&mut Held) -> Recorded) -> Recorded {
        // Inside the recorder: as above.
        Local::with(|local| {
            let _busy = local.enter();
            let (Rotated { chunks, overwritten: mut lost, .. }, part) = self.run.supply.rotate(full, part);
            if !self.is_running() {
                return Recorded { chunks, lost, ..part };
            }
            let mut others = buffers::take_losses();
            others.append(&mut recorder::homeless_losses().take(None));
            self.run.supply.with_held(|held| held.tell(&others));
            lost.append(&mut others);
            let missed_alerts = self.run.alerts.take_missed();
            Recorded { chunks, lost, missed_alerts, ..part }
        })
    }
}
