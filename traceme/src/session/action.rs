//! What a session does when something happens.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::export::Format;
use crate::filter::Filter;
use crate::session::alert::Alert;
use crate::session::theirs::Theirs;
use crate::trace::Trace;

/// What a session does when a [`Trigger`](super::Trigger) fires: see [`Session::on`](super::Session::on).
#[must_use = "an action does nothing by itself: give it to `Session::on`"]
pub struct Action {
    pub(super) kind: Result<Kind, Error>,
    pub(super) every: Duration,
}

pub(super) enum Kind {
    Save { folder: PathBuf, format: Format, keep: usize },
    Raise { filter: Arc<Filter>, time: Duration },
    Call(Call),
}

/// A function that the session's thread calls.
pub(super) type Call = Theirs<Box<dyn FnMut(&Fired<'_>) + Send>>;

impl Action {
    /// Saves what the session holds: a dump.
    ///
    /// The folder is made if it isn't there. The format is written as its extension, `"pftrace"` or `".json.gz"`, or is a
    /// [`Format`]. A file is called `traceme-<process>-<ms since 1970>-<number>-<trigger>.<extension>`. When a dump has been
    /// saved, at most 16 of such files [are kept](Self::keep) in the folder; and there is at most one in 10 s,
    /// [unless something else is said](Self::every).
    ///
    /// Of a session that [keeps no events](crate::Memory::summary_only) a dump has those that have not been summed up yet: of
    /// each thread the newest, 256 KiB at most.
    ///
    /// ```
    /// use traceme::Session;
    /// use traceme::session::{Action, Trigger};
    ///
    /// # let folder = std::env::temp_dir().join(format!("traceme-example-{}", std::process::id()));
    /// let session = Session::start(2)?;
    /// session.on(Trigger::manual(), Action::save(&folder, "pftrace").keep(4))?;
    /// session.fire();
    /// drop(session);
    /// assert_eq!(std::fs::read_dir(&folder).map(Iterator::count).ok(), Some(1));
    /// # let _ = std::fs::remove_dir_all(&folder);
    /// # Ok::<(), traceme::Error>(())
    /// ```
    pub fn save<F: TryInto<Format, Error: Into<Error>>>(folder: impl Into<PathBuf>, format: F) -> Self {
        let folder = folder.into();
        // The program may go to another directory before it fires.
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        let kind = format.try_into().map_err(Into::into).map(|format| Kind::Save { folder, format, keep: 16 });
        Self { kind, every: Duration::from_secs(10) }
    }

    /// Records what another filter lets through, a [`Level`](crate::Level), a [`Filter`] or its text, for so long; then what
    /// was recorded before. If it fires meanwhile, the time begins again. Several of one session share that: the filter of the
    /// one that fired last holds, until the time of each is over.
    ///
    /// A program that calls [`Session::set_filter`](super::Session::set_filter) meanwhile ends that.
    ///
    /// ```
    /// use std::time::Duration;
    /// use traceme::Session;
    /// use traceme::session::{Action, Trigger};
    ///
    /// let session = Session::start(2)?;
    /// let slow = Trigger::span_over("db::*", Duration::from_millis(5));
    /// session.on(slow, Action::raise("info,db=verbose", Duration::from_secs(10)))?;
    /// # drop(session);
    /// # Ok::<(), traceme::Error>(())
    /// ```
    pub fn raise<F: TryInto<Filter, Error: Into<Error>>>(filter: F, time: Duration) -> Self {
        let filter = filter.try_into().map_err(Into::into).map(Arc::new);
        Self { kind: filter.map(|filter| Kind::Raise { filter, time }), every: Duration::ZERO }
    }

    /// Calls a function, on the session's thread. If it panics it isn't called again; if it panics when it is dropped, the panic
    /// ends there.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use traceme::{Session, trace_scope};
    /// use traceme::session::{Action, Trigger};
    ///
    /// let (send, snapshots) = mpsc::channel();
    /// let session = Session::start(2)?;
    /// session.on(Trigger::manual(), Action::call(move |fired| { let _ = send.send(fired.snapshot()); }))?;
    /// trace_scope!("work", level = 2);
    /// session.fire();
    /// session.stop();
    /// assert_eq!(snapshots.iter().next().map(|trace| trace.spans().count()), Some(1));
    /// # Ok::<(), traceme::Error>(())
    /// ```
    pub fn call(function: impl FnMut(&Fired<'_>) + Send + 'static) -> Self {
        Self { kind: Ok(Kind::Call(Theirs::new(Box::new(function)))), every: Duration::ZERO }
    }

    /// Acts at most once in this time: what fires earlier is [counted](Fired::suppressed). By default 10 s for
    /// [`save`](Self::save), else 0.
    pub fn every(mut self, least: Duration) -> Self {
        self.every = least;
        self
    }

    /// Of a [`save`](Self::save): keeps the newest so many dumps in the folder, at least one, whichever process made them and
    /// whatever fired: the one that was just made, and others by the time in their names. Only files with names of dumps are
    /// removed, when another one is complete.
    pub fn keep(mut self, files: usize) -> Self {
        if let Ok(Kind::Save { keep, .. }) = &mut self.kind {
            *keep = files.max(1);
        }
        self
    }

    /// What is wrong with it.
    pub(super) fn error(&self) -> Option<Error> {
        self.kind.as_ref().err().cloned()
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = f.debug_tuple("Action");
        match &self.kind {
            Ok(Kind::Save { folder, format, keep }) => tuple.field(folder).field(format).field(keep),
            Ok(Kind::Raise { filter, time }) => tuple.field(filter).field(time),
            Ok(Kind::Call(_)) => &mut tuple,
            Err(error) => tuple.field(error),
        };
        tuple.field(&self.every).finish()
    }
}

/// What a function hears that an action [calls](Action::call).
pub struct Fired<'a> {
    pub(super) trigger: &'a dyn fmt::Display,
    pub(super) alert: Option<&'a Alert>,
    pub(super) suppressed: u64,
    pub(super) look: &'a dyn Fn() -> Trace,
}

impl Fired<'_> {
    /// The span that took too long, if that is what fired.
    pub fn alert(&self) -> Option<&Alert> {
        self.alert
    }

    /// How often it has fired since the last call, too early for another one: see [`Action::every`].
    pub fn suppressed(&self) -> u64 {
        self.suppressed
    }

    /// What the session holds, or knows if it keeps no events: see [`Session::snapshot`](super::Session::snapshot). A span that took too long is there with
    /// its end and with all spans around it, unless a ring has overwritten it meanwhile.
    pub fn snapshot(&self) -> Trace {
        (self.look)()
    }
}

/// The trigger as it was written, and the span if it is one.
impl fmt::Display for Fired<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.alert {
            Some(alert) => write!(f, "{}: {alert}", self.trigger),
            None => self.trigger.fmt(f),
        }
    }
}

impl fmt::Debug for Fired<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fired({self}, {} suppressed)", self.suppressed)
    }
}

/// Actions of a session that failed: see [`Session::failures`](super::Session::failures).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failures {
    /// How many.
    pub count: u64,
    /// Why the last one did.
    pub last: Option<Error>,
}
