//! A session while it runs: what is to be seen of it, and what is given away.

use std::sync::Arc;

use crate::record::chunk::{News, Recorded};
use crate::record::clock;
use crate::record::held::Rotated;
use crate::record::owner;
use crate::record::recorder::{self, Run};
use crate::record::thread::Local;
use crate::record::time::{Anchor, Clock};
use crate::record::wire::EPOCH_SHIFT;
use crate::sync::lock;

/// A session as those see it who look at it while it runs. Once it has stopped nothing is to be seen here.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(super) run: Arc<Run>,
    pub(super) started: Started,
    /// The number of the process that it records.
    pub(super) forks: u64,
}

/// Where one part of a recording ends and the next one begins.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seam {
    /// In ticks; 0 at the start.
    ticks: u64,
    /// The id of the first activity that has not begun before.
    activity: u64,
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

    /// What is held at this moment, while writers go on. Takes nothing: the stop gives it again.
    pub(crate) fn snapshot(&self) -> Recorded {
        // Inside the recorder: a signal handler or an allocator that traces would wait for the locks for ever.
        Local::with(|local| {
            let _busy = local.enter();
            self.here(Self::look).unwrap_or_default()
        })
    }

    fn look(&self) -> Recorded {
        let (chunks, mut lost) = self.run.supply.with_held(|held| (held.peek(), held.overwritten()));
        let clock = self.started.clock();
        lost.append(&mut owner::losses());
        lost.append(&mut recorder::homeless_losses().look(None));
        let missed_alerts = self.run.alerts.missed();
        Recorded { chunks, lost, missed_alerts, ..self.part(clock) }
    }

    /// Nothing yet, of what was recorded since the last rotation.
    pub(super) fn part(&self, clock: Clock) -> Recorded {
        let Seam { ticks: since, activity: activities_from } = *lock(&self.run.seam);
        Recorded { shared: recorder::is_shared(), since, activities_from, clock, ..Recorded::default() }
    }

    /// Whether [`news`](Self::news) are taken from here on.
    pub(crate) fn set_live(&self, is_live: bool) {
        // Inside the recorder: as above.
        Local::with(|local| {
            let _busy = local.enter();
            self.run.supply.with_held(|held| held.set_live(is_live));
        });
    }

    /// What has come since the last call, also of what others gave away meanwhile.
    pub(crate) fn news(&self) -> Recorded {
        // Inside the recorder: as above.
        Local::with(|local| {
            let _busy = local.enter();
            let News { chunks, missed, mut lost } = self.run.supply.with_held(|held| held.news(false));
            lost.extend(missed);
            Recorded { chunks, lost, shared: recorder::is_shared(), ..Recorded::of(self.started.clock()) }
        })
    }

    /// Gives away what was recorded since the start, or since the last call, while writers go on: nothing of it is given
    /// again.
    pub(crate) fn rotate(&self) -> Recorded {
        self.here(|view| {
            let part = view.take(false);
            // Behind the look at the chunks: what begins later than that has this number or a higher one.
            let activity = recorder::next_activity(view.run.epoch << EPOCH_SHIFT);
            *lock(&view.run.seam) = Seam { ticks: part.clock.stop.ticks, activity };
            part
        })
        .unwrap_or_default()
    }

    /// Gives the same away to somebody who puts the parts together again; if only what is `full`, then of chunks that nobody
    /// writes any more.
    pub(crate) fn take(&self, full: bool) -> Recorded {
        // Inside the recorder: as above.
        Local::with(|local| {
            let _busy = local.enter();
            let Rotated { chunks, overwritten: mut lost, .. } = self.run.supply.rotate(full);
            let clock = self.started.clock();
            let mut others = owner::take_losses();
            others.append(&mut recorder::homeless_losses().take(None));
            self.run.supply.with_held(|held| held.tell(&others));
            lost.append(&mut others);
            let missed_alerts = self.run.alerts.take_missed();
            Recorded { chunks, lost, missed_alerts, ..self.part(clock) }
        })
    }
}
