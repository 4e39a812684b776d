//! The thread of a session with a budget: it looks at what is recorded, and says how much of it may be.
//!
//! A thread of its own, as for sums: a sink may take its time, this may not.

use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};

use crate::callsite::CallsiteKind;
use crate::error::Error;
use crate::record::allowance::{self, Count};
use crate::record::budget::Budget;
use crate::record::clock;
use crate::record::os;
use crate::record::periods;
use crate::record::recorder;
use crate::record::running::View;
use crate::session::spending::{Costs, Look, Spending};
use crate::session::threads;

/// How often it looks. Less often where looking itself would take a tenth of the budget.
const PERIOD: Duration = Duration::from_millis(10);
const LONGEST_PERIOD: Duration = Duration::from_millis(250);

/// What a span takes, an event that is left out, and how much more that is where very many callsites are hot, in pairs of reads
/// of the clock: docs/sampling.md.
const SPAN: f64 = 1.6;
const SKIP: f64 = 0.01;
const CROWD: f64 = 0.043;

/// What a thread may record between two looks in any case: what is rare is to be whole, also where the machine is too busy to
/// look in time.
const FEWEST: f64 = 500.0;

#[derive(Debug)]
pub(super) struct Governor {
    /// Ends the thread once it is dropped.
    running: Sender<()>,
    thread: JoinHandle<()>,
}

impl Governor {
    pub(super) fn start(share: f64, view: View) -> Result<Self, Error> {
        let (running, stopped) = bounded::<()>(0);
        // Here: who knows when the thread runs for the first time.
        let mut governing = Governing::new(share);
        let run = move || {
            governing.measure(&view);
            while stopped.recv_timeout(governing.period) == Err(RecvTimeoutError::Timeout) {
                governing.look();
            }
            governing.look();
        };
        Ok(Self { running, thread: threads::start("traceme-budget", run)? })
    }

    /// Ends the thread, which looks once more.
    pub(super) fn end(self) {
        drop(self.running);
        let _ = self.thread.join();
    }
}

/// What the thread knows.
struct Governing {
    spending: Spending,
    share: f64,
    counts: Vec<Count>,
    /// When it looked last, in ns, and how much processor time the program had used by then.
    looked: u64,
    used: Option<u64>,
    /// How much of that was this thread's, and how much of it a look takes lately.
    own: u64,
    takes: f64,
    period: Duration,
}

impl Governing {
    fn new(share: f64) -> Self {
        allowance::tell(Budget { share, used: 0.0 });
        let mut counts = Vec::new();
        allowance::look(&mut counts);
        let (looked, used) = (os::monotonic_ns(), os::processor_ns());
        let mut this =
            Self { spending: Spending::new(share), share, counts, looked, used, own: 0, takes: 0.0, period: PERIOD };
        let before = this.counts.clone();
        this.add_callsites(|id| before[id]);
        this
    }

    /// Learns what things take. On the thread: it takes some time itself.
    fn measure(&mut self, view: &View) {
        let pair = pair_of_reads(view);
        self.spending.set_costs(Costs { span: SPAN * pair, skip: SKIP * pair, crowd: CROWD * pair });
        // Behind it: that is not what looking takes.
        self.own = os::thread_processor_ns().unwrap_or(0);
    }

    fn look(&mut self) {
        let (now, used) = (os::monotonic_ns(), os::processor_ns());
        let threads = allowance::look(&mut self.counts);
        self.add_callsites(|_| Count::default());
        let time = now.saturating_sub(self.looked);
        let processor_time = match (used, self.used) {
            (Some(now), Some(before)) => now.saturating_sub(before),
            _ => time.saturating_mul(threads),
        };
        // Where the system doesn't tell, it is nothing: looking takes some microseconds.
        let own = os::thread_processor_ns().unwrap_or(0);
        let overhead = own.saturating_sub(self.own) as f64;
        let look = Look { time: time as f64, processor_time: processor_time as f64, overhead, counts: &self.counts };
        let id = |at: usize| at as u64;
        let most = self.spending.look(look, |at| periods::own(id(at)), |at, period| periods::lengthen(id(at), period));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of events, above 0")]
        allowance::allow((2.0 * most).max(FEWEST) as u64);
        allowance::tell(Budget { share: self.share, used: self.spending.used() });
        (self.looked, self.used, self.own) = (now, used, own);
        // One look can take longer than others, if it is interrupted.
        self.takes += (overhead - self.takes) / 8.0;
        let rarely = self.takes * 10.0 / self.share / 1e9;
        self.period = Duration::from_secs_f64(rarely.min(1.0)).clamp(PERIOD, LONGEST_PERIOD);
    }

    /// Learns of callsites that have come, and of what they had counted before.
    fn add_callsites(&mut self, before: impl Fn(usize) -> Count) {
        if self.counts.len() <= self.spending.known() {
            return;
        }
        let callsites = recorder::callsites();
        for id in self.spending.known()..self.counts.len() {
            let kind = id.checked_sub(1).and_then(|at| callsites.get(at)).map(|site| site.kind);
            let part = match kind {
                Some(CallsiteKind::Instant) => 0.5,
                _ => 1.0,
            };
            self.spending.add(before(id), part);
        }
    }
}

/// What two reads of the clock take, in ns: the best of some hundred microseconds.
fn pair_of_reads(view: &View) -> f64 {
    const PAIRS: u64 = 500;
    let batch = || {
        let start = clock::now();
        for _ in 0..2 * PAIRS {
            std::hint::black_box(clock::now());
        }
        clock::now().saturating_sub(start)
    };
    let ticks = (0..20).map(|_| batch()).min().unwrap_or(0);
    view.run().clock.ns_after(ticks) as f64 / PAIRS as f64
}
