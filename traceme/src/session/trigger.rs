//! What happens while a session runs, and is to be acted on.

use std::fmt;
use std::time::Duration;

use crate::error::Error;
use crate::filter::Pattern;

/// Something that can happen while a session runs: with an [`Action`](super::Action) it is given to
/// [`Session::on`](super::Session::on).
///
/// ```
/// use std::time::Duration;
/// use traceme::session::Trigger;
///
/// let trigger = Trigger::span_over("db::*", Duration::from_millis(5));
/// assert_eq!(trigger.to_string(), "span_over(db::*, 5ms)");
/// ```
#[derive(Clone, Debug)]
pub struct Trigger {
    pub(super) kind: Result<Kind, Error>,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    SpanOver(Pattern, Duration),
    Alert,
    Panic,
    Signal(i32),
    RssOver(u64),
    Manual,
}

impl Trigger {
    /// A span that takes `limit` or longer, of a callsite that matches the pattern; whatever the code says about it.
    ///
    /// The span is treated as one with `#[traceme(alert = "5ms")]` is: it is flagged in the trace, and it is an
    /// [alert](Self::alert). If several limits apply to a span, the alert is told once, with the lowest of them; those that a
    /// span didn't reach don't fire.
    ///
    /// The pattern is written as in a [`Filter`](crate::Filter): `net::io` is a module with all below it, `cat:x` a category,
    /// `name:load*` a name. One without a prefix is also compared with the name: `db::*` is what lies in modules
    /// below `db`, and spans that are called `db::query`. A name that is made at run time is not known to the callsite:
    /// such spans are found by module or category only. Activities, which belong to no thread, have no limits.
    ///
    /// Spans that stay below all limits pay one comparison for it, whether there are triggers or not.
    pub fn span_over(pattern: &str, limit: Duration) -> Self {
        let pattern = pattern.parse().map_err(|error: Error| error.about("the pattern of a trigger"));
        Self { kind: pattern.map(|pattern| Kind::SpanOver(pattern, limit)) }
    }

    /// A span that takes as long as its alert says, `#[traceme(alert = "5ms")]`, or longer, or as a
    /// [`span_over`](Self::span_over) of the session says.
    pub fn alert() -> Self {
        Kind::Alert.into()
    }

    /// A panic, on any thread but the session's own, also one that is caught; not one that calls no panic hook, as
    /// [`resume_unwind`](std::panic::resume_unwind) does. A hook that the program sets later, in place of this one, hides them.
    ///
    /// The panic goes on meanwhile, and spans that it ends can be in the dump or not. Where panics abort, the thread that
    /// panics waits until the session has acted, for 5 s at most.
    pub fn panic() -> Self {
        Kind::Panic.into()
    }

    /// A signal to the process, by its number, such as `libc::SIGUSR2`. On Unix only.
    ///
    /// What the program itself does with the signal is done as before. What it does nothing with:
    ///
    /// - `SIGTERM`, `SIGINT`, `SIGHUP` and `SIGQUIT` end the process as they would have, as soon as the session has acted; a
    ///   second one at once, whatever it does, if it comes half a second after the first or later.
    /// - Others, which would end it as well, do not as long as the session runs: `SIGUSR1` and `SIGUSR2` ask for a dump.
    ///
    /// A handler that the program installs later, in place of this one, has the signal for itself, until a trigger of the same
    /// signal is given to a session: then that comes in front of the handler, which is called as before. If it calls what it has
    /// replaced, as those of tokio do, the trigger fires, and the process goes on. A process has room for
    /// three such handlers of a signal; a trigger behind another one is an error.
    ///
    /// A signal that the process ignores, as under `nohup`, fires and is ignored all the same; but programs that it starts
    /// meanwhile don't ignore it, as they would: they inherit no handler.
    ///
    /// In a process made by `fork` the signal does what it would without the parent's session, unless a session there watches
    /// it.
    pub fn signal(number: i32) -> Self {
        Kind::Signal(number).into()
    }

    /// The process's memory, as `ps` shows it under RSS, comes to more than so many bytes. On Linux, macOS and
    /// Windows; elsewhere the session that it is given to says that it can't.
    ///
    /// It is looked at every 100 ms, and fires at once if it is above already; then again when it was below in between.
    pub fn rss_over(bytes: u64) -> Self {
        Kind::RssOver(bytes).into()
    }

    /// The program says so: [`Session::fire`](super::Session::fire), [`recorder::fire`](super::recorder::fire).
    pub fn manual() -> Self {
        Kind::Manual.into()
    }
}

impl Kind {
    /// What it is called in the name of a file.
    pub(super) fn token(&self) -> String {
        match self {
            Self::SpanOver(..) => "span-over".into(),
            Self::Alert => "alert".into(),
            Self::Panic => "panic".into(),
            Self::Signal(number) => format!("signal-{number}"),
            Self::RssOver(_) => "rss-over".into(),
            Self::Manual => "manual".into(),
        }
    }

    /// Whether it is spans that fire it.
    pub(super) fn is_of_spans(&self) -> bool {
        matches!(self, Self::SpanOver(..) | Self::Alert)
    }
}

impl From<Kind> for Trigger {
    fn from(kind: Kind) -> Self {
        Self { kind: Ok(kind) }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SpanOver(pattern, limit) => write!(f, "span_over({pattern}, {limit:?})"),
            Self::Alert => f.write_str("alert"),
            Self::Panic => f.write_str("panic"),
            Self::Signal(number) => write!(f, "signal({number})"),
            Self::RssOver(bytes) => write!(f, "rss_over({bytes})"),
            Self::Manual => f.write_str("manual"),
        }
    }
}

/// As it was written; what is wrong with it, if it can't be watched.
impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Ok(kind) => kind.fmt(f),
            Err(error) => error.fmt(f),
        }
    }
}
