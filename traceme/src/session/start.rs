//! How a session starts.

use std::sync::{Arc, Mutex};

use crate::error::Error;
use crate::record::chunk::Reader;
use crate::record::os;
use crate::record::recorder::{self, Config};
use crate::record::supply::WhenFull;
use crate::session::governor::Governor;
use crate::session::sink::Taker;
use crate::session::summing::Summing;
use crate::session::{Action, Builder, Session, Trigger, environment};

impl Session {
    pub(super) fn start_with(builder: Builder) -> Result<Self, Error> {
        builder.check_budget()?;
        let Builder { filter, categories, memory, mut sources, sinks, rules, in_children, budget } = builder;
        let wrong = |(trigger, action): &(Trigger, Action)| trigger.kind.clone().err().or(action.error());
        if let Some(error) = rules.iter().find_map(wrong) {
            return Err(error);
        }
        let sinks = sinks?;
        if memory.is_summary_only() && in_children {
            let message = "a process made by `fork` has no thread that sums up what it records: with `in_children`, give the \
                           session a `Memory::ring`, or leave it out and start a session in each process";
            return Err(Error::memory(message.into()));
        }
        let when_full = if memory.is_ring() { WhenFull::Overwrite } else { WhenFull::Lose };
        let age = memory.age().map(|age| u64::try_from(age.as_nanos()).unwrap_or(u64::MAX));
        let config = Config {
            filter: filter?,
            categories,
            memory: memory.bytes(),
            when_full,
            age,
            in_children,
            live: !sinks.is_empty(),
            has_budget: budget.is_some(),
        };
        // Before any callsite: the program decides, not the environment.
        recorder::decide();
        if let Some(what) = os::MISSING {
            return Err(Error::missing(what));
        }
        if recorder::epoch() != 0 {
            // Before any source is touched: the running session may use it.
            return Err(Self::is_running());
        }
        sources.start()?;
        let recording = recorder::start(config).map_err(|error| {
            sources.stop();
            if error.is_running() { Self::is_running() } else { error }
        })?;
        let mut session = Self {
            recording: Some(recording),
            sources: Mutex::new(sources),
            feed: Mutex::default(),
            shared: Arc::default(),
            summing: None,
            governor: None,
            has_sinks: false,
        };
        match session.begin(memory.is_summary_only(), budget, sinks, rules) {
            Ok(()) => Ok(session),
            Err(error) => {
                session.abandon();
                Err(error)
            }
        }
    }

    /// Begins all that works beside the recording.
    fn begin(
        &mut self,
        is_summary_only: bool,
        budget: Option<f64>,
        sinks: Vec<Taker>,
        rules: Vec<(Trigger, Action)>,
    ) -> Result<(), Error> {
        if let (Some(view), true) = (self.view(), is_summary_only) {
            let summing = Summing::start(view)?;
            // Nobody else has set it.
            let _ = self.shared.figures.set(summing.figures().clone());
            self.summing = Some(summing);
        }
        self.governor = budget.zip(self.view()).map(|(share, view)| Governor::start(share, view)).transpose()?;
        if !sinks.is_empty() {
            self.start_feed(sinks)?;
            self.has_sinks = true;
        }
        rules.into_iter().try_for_each(|(trigger, action)| self.on(trigger, action))
    }

    /// Stops what nobody will get. If no sink was told of the events, the next session tells.
    fn abandon(&mut self) {
        let Some((recorded, figures)) = self.end().filter(|_| !self.has_sinks) else { return };
        let events = recorded.chunks.iter().map(Reader::events);
        let lost = recorded.lost.iter().map(|lost| lost.count);
        let summed = figures.map(|figures| figures.attempts());
        recorder::count_late(events.chain(lost).chain(summed).chain([recorded.late]).sum());
    }

    fn is_running() -> Error {
        if environment::is_recording() { Error::running_as_requested() } else { Error::running() }
    }
}
