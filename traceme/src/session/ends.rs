//! Signals that end the process while a session records that the environment asked for: its trace is saved first.

use std::mem;
use std::sync::Arc;

use crate::error::Error;
use crate::record::fork;
use crate::record::os::signal::{self, End, Watched};
use crate::record::running::View;
use crate::session::feed::Feed;
use crate::session::rules::{Acting, Shared};
use crate::session::{Action, Session, Trigger};
use crate::terminal::tell;

/// The signals that are watched: those that the program has left alone. Dropped when the trace is saved: then the process ends,
/// if one of them has asked for it.
pub(super) struct Ends {
    watched: Vec<Watched>,
    /// In a process made by `fork`, which has no thread of the session: who looks.
    feed: Option<Feed>,
    /// The number of the process that this is of.
    forks: u64,
}

impl Ends {
    /// Has the session's thread look. It looks as for a trigger, and [`environment::end`](super::environment::end) does the
    /// rest; the exit of the process doesn't wait for it, for that saves by itself.
    pub(super) fn watch(session: &Session) -> Self {
        let (watched, forks) = (signal::watch_ends(), fork::forks());
        // Without a signal to watch, no thread is needed.
        let acting = if watched.is_empty() { None } else { session.acting_until_exit() };
        let ends = Self { watched, feed: None, forks };
        match acting {
            None => ends,
            Some(acting) => ends.looked_at_by(acting),
        }
    }

    /// The same for what follows the session in this process, which was made by `fork`.
    pub(super) fn watch_in_child(session: &Session) -> Self {
        let (watched, forks) = (signal::watch_ends(), fork::forks());
        let view = session.view().filter(|_| !watched.is_empty()).and_then(|view| view.here(View::clone));
        let mut ends = Self { watched, feed: None, forks };
        let Some(view) = view else { return ends };
        let shared = Arc::<Shared>::default();
        let acting = Feed::start(view.clone(), Vec::new(), &shared).map(|feed| {
            ends.feed = Some(feed);
            Acting { view, shared }
        });
        ends.looked_at_by(acting)
    }

    fn looked_at_by(mut self, acting: Result<Acting, Error>) -> Self {
        let on =
            |acting: &Acting, watched: &Watched| acting.on(Trigger::signal(watched.number()), Action::call(|_| {}));
        let looks = acting.and_then(|acting| self.watched.iter().try_for_each(|watched| on(&acting, watched)));
        if let Err(error) = looks {
            tell(format!("a signal that ends the process will leave no trace: {error}"));
            self.watched.clear();
        }
        self
    }
}

impl Drop for Ends {
    fn drop(&mut self) {
        let watched = mem::take(&mut self.watched);
        if self.forks != fork::forks() {
            // It is the parent's.
            return fork::leak((watched, self.feed.take()));
        }
        // First: what comes after that ends the process by itself.
        let ends: Vec<_> = watched.into_iter().filter_map(Watched::close).collect();
        ends.into_iter().for_each(End::follow);
    }
}
