//! A session where recording is compiled out: it can't be had.

use std::convert::Infallible;

use crate::error::Error;
use crate::filter::Filter;
use crate::level::Level;
use crate::session::{Action, Builder, Failures, Trigger};
use crate::trace::Trace;

/// A session. Recording is compiled out of this build, so that none can be started.
#[must_use = "a session that is dropped records nothing: keep it, and call `stop` for its trace"]
#[derive(Debug)]
pub struct Session(Infallible);

impl Session {
    /// Fails: recording is compiled out.
    ///
    /// # Errors
    ///
    /// Always [`is_disabled`](Error::is_disabled), but [`is_level`](Error::is_level) for a wrong level.
    pub fn start<L: TryInto<Level, Error: Into<Error>>>(level: L) -> Result<Self, Error> {
        Self::builder().level(level).start()
    }

    /// The settings of a session.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(super) fn start_with(builder: Builder) -> Result<Self, Error> {
        builder.check_budget()?;
        let Builder { filter, categories: _, memory: _, sources: _, sinks, rules, in_children: _, budget: _ } = builder;
        let wrong = rules.into_iter().find_map(|(trigger, action)| trigger.kind.err().or(action.kind.err()));
        filter.map(drop).and(sinks.map(drop)).and(Err(wrong.unwrap_or_else(Error::disabled)))
    }

    /// Never called: there is no session.
    ///
    /// # Errors
    ///
    /// None: it is never called.
    pub fn set_filter<F: TryInto<Filter, Error: Into<Error>>>(&self, _filter: F) -> Result<(), Error> {
        match self.0 {}
    }

    /// Never called: there is no session.
    ///
    /// # Errors
    ///
    /// None: it is never called.
    pub fn on(&self, _trigger: Trigger, _action: Action) -> Result<(), Error> {
        match self.0 {}
    }

    pub(super) fn of_recorder(self) -> Self {
        match self.0 {}
    }

    pub(super) fn acting(&self) -> Option<Result<Self, Error>> {
        match self.0 {}
    }

    /// Never called: there is no session.
    pub fn fire(&self) {
        match self.0 {}
    }

    /// Never called: there is no session.
    pub fn failures(&self) -> Failures {
        match self.0 {}
    }

    /// Never called: there is no session.
    pub(super) fn goes_on(&self) -> bool {
        match self.0 {}
    }

    /// Never called: there is no session.
    #[must_use = "it is made to be looked at, and changes nothing"]
    pub fn snapshot(&self) -> Trace {
        match self.0 {}
    }

    pub(super) fn view(&self) -> Option<Infallible> {
        match self.0 {}
    }

    /// Never called: there is no session.
    #[must_use = "what was recorded is in it, and nowhere else any more"]
    pub fn rotate(&self) -> Trace {
        match self.0 {}
    }

    /// Never called: there is no session.
    pub fn stop(self) -> Trace {
        match self.0 {}
    }
}

pub(super) fn snapshot_of(never: &Infallible) -> Trace {
    match *never {}
}
