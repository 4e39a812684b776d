//! The rules of a running session: which trigger leads to which action. They live on the session's thread.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use crate::error::Error;
use crate::filter::Filter;
use crate::record::chunk::Recorded;
use crate::record::os::signal::End;
use crate::record::recorder;
use crate::record::running::View;
use crate::record::{alert, change, clock};
use crate::session::action::{self, Action, Failures, Fired};
use crate::session::alert::Alert;
use crate::session::recorder::FIRED;
use crate::session::summing::Figures;
use crate::session::trigger::{self, Trigger};
use crate::session::watch::Watch;
use crate::session::{dumps, environment};
use crate::sync::lock;
use crate::terminal::tell;
use crate::trace::{Trace, TraceBuilder};

/// What the session and its thread share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Rules that the thread hasn't seen yet.
    added: Mutex<Vec<Rule>>,
    /// How often the program has fired; not counted here if the session is the one of `recorder`.
    fired: AtomicU64,
    is_recorders: AtomicBool,
    failures: Mutex<Failures>,
    /// If no events are kept.
    pub(super) figures: OnceLock<Figures>,
    /// How often the thread has looked at all that can fire.
    pub(super) rounds: AtomicU64,
    /// Set when the thread is through.
    over: AtomicBool,
}

impl Shared {
    /// What counts how often the program has fired.
    pub(super) fn fired(&self) -> &AtomicU64 {
        // Relaxed: set before a rule is made that looks at it.
        if self.is_recorders.load(Ordering::Relaxed) { &FIRED } else { &self.fired }
    }

    fn add(&self, rule: Rule) {
        let mut added = lock(&self.added);
        // An action can have stopped the session.
        if !self.is_over() {
            added.push(rule);
        }
    }

    /// The thread is through: nobody watches any more.
    pub(super) fn end(&self) {
        let mut added = lock(&self.added);
        // Release: whoever acquires this sees all that was done.
        self.over.store(true, Ordering::Release);
        let rules = std::mem::take(&mut *added);
        drop(added);
        drop(rules);
    }

    pub(super) fn is_over(&self) -> bool {
        // Acquire: pairs with `end`.
        self.over.load(Ordering::Acquire)
    }

    pub(super) fn failures(&self) -> Failures {
        lock(&self.failures).clone()
    }

    fn fail(&self, error: Error) {
        let mut failures = lock(&self.failures);
        failures.count += 1;
        failures.last = Some(error);
    }
}

/// A session whose thread acts on what fires.
pub(super) struct Acting {
    pub(super) view: View,
    pub(super) shared: Arc<Shared>,
}

impl Acting {
    /// For the session that `recorder` keeps: [`recorder::fire`](crate::session::recorder::fire) fires it.
    pub(super) fn of_recorder(self) -> Self {
        // Relaxed: see the load.
        self.shared.is_recorders.store(true, Ordering::Relaxed);
        self
    }

    /// Acts on this too, from here on. Called without any lock: the program's code can be dropped here.
    pub(super) fn on(&self, trigger: Trigger, action: Action) -> Result<(), Error> {
        self.shared.add(Rule::new(trigger, action, &self.view, &self.shared)?);
        Ok(())
    }
}

/// A trigger and its action.
#[derive(Debug)]
struct Rule {
    trigger: trigger::Kind,
    watch: Watch,
    action: Action,
    /// When it was made, in ticks: spans that ended before don't fire it.
    since: u64,
    /// When it acted last, in ns, and how often it has fired since, too early.
    acted: Option<u64>,
    suppressed: u64,
    /// Whether somebody was told that it failed.
    told: bool,
}

impl Rule {
    /// Begins to watch for the trigger.
    fn new(trigger: Trigger, action: Action, view: &View, shared: &Arc<Shared>) -> Result<Self, Error> {
        let trigger = trigger.kind?;
        match action.kind.as_ref().map_err(Error::clone)? {
            action::Kind::Save { folder, format, .. } => dumps::prepare(folder, *format)?,
            action::Kind::Raise { .. } | action::Kind::Call(_) => {}
        }
        let since = clock::now();
        let watch = Watch::start(&trigger, view, shared)?;
        Ok(Self { trigger, watch, action, since, acted: None, suppressed: 0, told: false })
    }

    /// Whether a span that took too long fires it.
    fn hears(&self, told: &alert::Alert, alert: &Alert) -> bool {
        let is_meant = match &self.trigger {
            trigger::Kind::Alert => true,
            trigger::Kind::SpanOver(pattern, limit) => {
                let site = alert.callsite;
                alert.duration >= *limit && pattern.applies(site)
            }
            _ => false,
        };
        is_meant && told.ended >= self.since
    }

    /// Acts, unless it is too early; `false` if it is never to act again.
    fn fire(&mut self, alert: Option<&Alert>, context: &mut Context<'_>) -> bool {
        let now = now_ns();
        if self.acted.is_some_and(|acted| now.saturating_sub(acted) < ns(self.action.every)) {
            self.suppressed += 1;
            return true;
        }
        self.acted = Some(now);
        let suppressed = std::mem::take(&mut self.suppressed);
        let Ok(kind) = &mut self.action.kind else { return false };
        let failure = match kind {
            action::Kind::Save { folder, format, keep } => {
                dumps::save(&context.look_at_events(), folder, *format, *keep, &self.trigger.token()).err()
            }
            action::Kind::Raise { filter, time } => {
                context.raise(filter, *time, now);
                None
            }
            action::Kind::Call(call) => {
                let look = || context.look();
                let fired = Fired { trigger: &self.trigger, alert, suppressed, look: &look };
                if call.call(|function| function(&fired)) {
                    return true;
                }
                let error = Error::trigger(format!("{}: its function panicked, and isn't called again", self.trigger));
                context.shared.fail(error);
                return false;
            }
        };
        if let Some(error) = failure {
            // Whoever reads the terminal needs to hear of a full disk once.
            if !std::mem::replace(&mut self.told, true) {
                tell(&error);
            }
            context.shared.fail(error);
        }
        true
    }
}

/// All rules of a session.
pub(super) struct Rules {
    rules: Vec<Rule>,
    view: View,
    shared: Arc<Shared>,
    raised: Option<Raised>,
    /// Alerts for which no rule was left.
    missed: u64,
}

/// A filter that holds for some time only.
struct Raised {
    /// What held before.
    before: Arc<Filter>,
    /// The change: if it isn't the last one any more, the program has changed the filter since.
    stamp: u64,
    /// In ns.
    until: u64,
}

/// What an action needs to know.
struct Context<'a> {
    view: &'a View,
    shared: &'a Shared,
    raised: &'a mut Option<Raised>,
    /// All that was recorded, if the session has stopped.
    recorded: Option<&'a Recorded>,
}

impl Rules {
    pub(super) fn new(view: View, shared: Arc<Shared>) -> Self {
        Self { rules: Vec::new(), view, shared, raised: None, missed: 0 }
    }

    /// Acts on all that has fired by now.
    pub(super) fn round(&mut self, recorded: Option<&Recorded>) {
        let alerts = self.view.run().alerts.take();
        // Behind the alerts: a rule that was there before one of them is there now.
        self.rules.append(&mut lock(&self.shared.added));
        let Self { rules, view, shared, raised, missed } = self;
        let mut context = Context { view, shared, raised, recorded };
        if !alerts.is_empty() {
            let callsites = recorder::callsites();
            // Those of the trace; of a snapshot, those of one that is taken now.
            let clock = recorded.map_or_else(|| view.clock(), |recorded| recorded.clock);
            for told in alerts {
                let at = usize::try_from(told.callsite).unwrap_or(0).wrapping_sub(1);
                let Some(&callsite) = callsites.get(at) else { continue };
                *missed += u64::from(!rules.iter().any(|rule| rule.trigger.is_of_spans()));
                let (duration, limit) = (Duration::from_nanos(told.duration), Duration::from_nanos(told.limit));
                let alert = Alert { callsite, start: clock.ns(told.began), duration, limit, os_tid: told.os_tid };
                rules.retain_mut(|rule| !rule.hears(&told, &alert) || rule.fire(Some(&alert), &mut context));
            }
        }
        if let Some(end) = look(rules, &mut context) {
            // What had looked before the signal came acts on it too, and what was there by then.
            rules.append(&mut lock(&context.shared.added));
            look(rules, &mut context);
            environment::end(end);
        }
        context.end_raise();
        // Release: whoever acquires this number sees that what was fired before it was acted on.
        self.shared.rounds.fetch_add(1, Ordering::Release);
    }

    /// Alerts that no rule was there for.
    pub(super) fn missed(&self) -> u64 {
        self.missed
    }
}

/// Looks whether rules have fired that aren't told, and acts; gives the end of the process if a signal asks for it.
fn look(rules: &mut Vec<Rule>, context: &mut Context<'_>) -> Option<End> {
    let mut end = None;
    rules.retain_mut(|rule| {
        let fired = rule.watch.fired();
        // Also if the signal came just before the rule began to look.
        end = end.or(rule.watch.ends());
        (0..fired).all(|_| rule.fire(None, context))
    });
    end
}

impl Context<'_> {
    /// What a session that keeps no events knows of them; what any other holds, or held in the end.
    fn look(&self) -> Trace {
        match (self.shared.figures.get(), self.recorded) {
            (None, _) => self.look_at_events(),
            (Some(figures), None) => figures.snapshot(),
            (Some(figures), Some(recorded)) => figures.finish(recorded.share(), TraceBuilder::default()),
        }
    }

    /// The events that the session holds, or held in the end.
    fn look_at_events(&self) -> Trace {
        let recorded = match self.recorded {
            None => self.view.snapshot(),
            Some(recorded) => recorded.share(),
        };
        Trace::new(recorded, TraceBuilder::default())
    }

    fn raise(&mut self, filter: &Arc<Filter>, time: Duration, now: u64) {
        let (epoch, until) = (self.view.run().epoch, now.saturating_add(ns(time)));
        let set = |after| change::set_filter(epoch, Arc::clone(filter), after);
        // While it is raised, what held before that is what is to hold again.
        let again = self.raised.take().and_then(|raised| {
            let (_, stamp) = set(Some(raised.stamp))?;
            Some(Raised { stamp, until: until.max(raised.until), ..raised })
        });
        *self.raised = again.or_else(|| set(None).map(|(before, stamp)| Raised { before, stamp, until }));
    }

    /// Lets what held before a raise hold again, if its time is over.
    fn end_raise(&mut self) {
        if let Some(Raised { before, stamp, .. }) = self.raised.take_if(|raised| raised.until <= now_ns()) {
            change::set_filter(self.view.run().epoch, before, Some(stamp));
        }
    }
}

fn now_ns() -> u64 {
    clock::anchor_once().ns
}

pub(super) fn ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
