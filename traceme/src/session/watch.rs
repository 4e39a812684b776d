//! How a session comes to know that something has happened: what its thread looks at.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::error::Error;
use crate::record::os::{self, signal};
use crate::record::running::View;
use crate::record::{change, limits};
use crate::session::exit;
use crate::session::rules::{Shared, ns};
use crate::session::trigger::Kind;

/// How often memory is looked at, in ns.
const RSS_PERIOD: u64 = 100_000_000;

/// What a rule looks at, and how often it had fired when it last did.
#[derive(Debug)]
pub(super) enum Watch {
    /// Alerts come to the rules by themselves.
    Spans,
    Panics {
        seen: u64,
    },
    Signal {
        watched: signal::Watched,
        seen: u64,
    },
    Manual {
        shared: Arc<Shared>,
        seen: u64,
    },
    Rss {
        bytes: u64,
        /// Whether it was below since it fired.
        is_armed: bool,
        /// When to look again, in ns.
        next: u64,
    },
}

impl Watch {
    /// Begins to watch; what has happened before counts no more.
    pub(super) fn start(trigger: &Kind, view: &View, shared: &Arc<Shared>) -> Result<Self, Error> {
        let refused = |why: String| Error::trigger(format!("{trigger} can't be watched: {why}"));
        Ok(match trigger {
            Kind::SpanOver(pattern, limit) => {
                view.run().alerts.listen();
                change::set_limit(view.run().epoch, pattern, ns(*limit).min(limits::NONE - 1));
                Self::Spans
            }
            Kind::Alert => {
                view.run().alerts.listen();
                Self::Spans
            }
            Kind::Panic => Self::Panics { seen: exit::watch_panics().map_err(refused)? },
            Kind::Signal(number) => {
                let watched = signal::watch(*number).map_err(|error| refused(error.to_string()).caused_by(error))?;
                Self::Signal { seen: watched.count(), watched }
            }
            Kind::RssOver(bytes) => {
                os::resident_bytes()
                    .ok_or_else(|| refused("the system doesn't say how much memory the process has".into()))?;
                Self::Rss { bytes: *bytes, is_armed: true, next: 0 }
            }
            // Relaxed: who fires after this is behind it.
            Kind::Manual => Self::Manual { shared: Arc::clone(shared), seen: shared.fired().load(Ordering::Relaxed) },
        })
    }

    /// How often it has fired since the last look.
    pub(super) fn fired(&mut self) -> u64 {
        let (seen, count) = match self {
            Self::Spans => return 0,
            Self::Panics { seen } => (seen, exit::panics()),
            Self::Signal { watched, seen } => (seen, watched.count()),
            // Acquire: what was recorded before it fired is in a snapshot.
            Self::Manual { shared, seen } => (seen, shared.fired().load(Ordering::Acquire)),
            Self::Rss { bytes, is_armed, next } => {
                let now = os::monotonic_ns();
                if now < *next {
                    return 0;
                }
                *next = now + RSS_PERIOD;
                let is_over = os::resident_bytes().is_some_and(|resident| resident > *bytes);
                return u64::from(std::mem::replace(is_armed, !is_over) && is_over);
            }
        };
        count - std::mem::replace(seen, count)
    }

    /// The signal, if the process would have ended by it.
    pub(super) fn ends(&self) -> Option<signal::End> {
        match self {
            Self::Signal { watched, .. } => watched.end(),
            _ => None,
        }
    }
}
