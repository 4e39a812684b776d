//! The process's recorder: what is being recorded, if anything, and the ledger of what was not.

use std::sync::atomic::{AtomicU32 as StdAtomicU32, AtomicU64 as StdAtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use crate::callsite::{self, Callsite, CallsiteCell, CallsiteKind, ID_BITS};
use crate::category::Category;
use crate::error::Error;
use crate::filter::Filter;
use crate::record::alert::Alerts;
use crate::record::allowance;
use crate::record::buffers;
use crate::record::chunk::{Home, Recorded, WORDS};
use crate::record::clock;
use crate::record::fork::{self, Heir};
use crate::record::held::Closed;
use crate::record::limits;
use crate::record::loss::{Cause, LossTable};
use crate::record::numbers;
use crate::record::os;
use crate::record::owner;
use crate::record::periods::{self, Period};
use crate::record::places;
use crate::record::pool::Pool;
use crate::record::running::{Started, View};
use crate::record::sampling;
use crate::record::selection::Selection;
use crate::record::supply::{self, Stocker, Stocking, Supply, WhenFull};
use crate::record::thread::Local;
use crate::record::time::Clock;
use crate::record::trial;
use crate::record::wire::{self, ALERT, EPOCH_BITS, EPOCH_SHIFT, SAMPLED};
use crate::sync::lock;

/// Callsites up to this level are recorded; 0 while nothing is, [`UNDECIDED_LEVEL`] at first.
pub(super) static LEVEL: StdAtomicU32 = StdAtomicU32::new(UNDECIDED_LEVEL);
/// The number of the session and the generation of its selection, as in a callsite's word; 0 while there is none, [`UNDECIDED`] at first.
pub(super) static STAMP: StdAtomicU64 = StdAtomicU64::new(UNDECIDED);
/// The session itself, for those who find that they haven't joined it. Who has it neither allocates nor frees: a thread that
/// waits for it may have interrupted the allocator.
pub(super) static CURRENT: Mutex<Option<Current>> = Mutex::new(None);
/// Held while a session starts and while it stops; remembers the last one.
pub(super) static LIFE: Mutex<Life> = Mutex::new(Life { epoch: 0, stocker: None, heir: None, retired: Vec::new() });
/// The losses of threads that have no buffer: before their first event, and after their end.
pub(super) static HOMELESS: LazyLock<LossTable> = LazyLock::new(LossTable::new);

pub(super) struct Life {
    epoch: u64,
    pub(super) stocker: Option<Stocker>,
    /// What the session lets children record, or the parent's let this process.
    pub(super) heir: Option<Heir>,
    /// Sessions that have stopped, as long as threads hold on to them: what is freed is freed here, not where a thread comes to
    /// the next session.
    pub(super) retired: Vec<Arc<Run>>,
}

/// Until it is decided whether to record, every callsite that runs is awake, and finds that its word is of another
/// session: so it comes to [`resolve`], and the way of what is recorded is as short as ever.
const UNDECIDED_LEVEL: u32 = u32::MAX;
pub(super) const UNDECIDED: u64 = u64::MAX;

/// The most chunks of a session, 64 GiB: its channels are made for all of them.
const MOST_CHUNKS: usize = 1 << 18;

/// What a session records.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) filter: Filter,
    /// Callsites of other categories are left out, if this is given.
    pub(crate) categories: Option<Vec<Category>>,
    /// The most memory for events, in bytes.
    pub(crate) memory: usize,
    /// What to do when it is used up.
    pub(crate) when_full: WhenFull,
    /// In ns: what is older is given up.
    pub(crate) age: Option<u64>,
    /// Whether processes made by `fork` record too.
    pub(crate) in_children: bool,
    /// Whether somebody takes live what comes.
    pub(crate) live: bool,
    pub(crate) has_budget: bool,
}

/// A session as its writers see it.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) epoch: u64,
    pub(crate) supply: Arc<Supply>,
    /// The clock as it was known at the start, for what has to be decided before the stop.
    pub(crate) clock: Clock,
    pub(crate) alerts: Alerts,
}

/// The session that is running, and what it records at present.
#[derive(Clone, Debug)]
pub(super) struct Current {
    pub(super) run: Arc<Run>,
    pub(super) selection: Arc<Selection>,
}

/// Runs `f` while the session can't stop, if it is `epoch` that is running.
pub(crate) fn while_current<R>(epoch: u64, f: impl FnOnce(&Run) -> R) -> Option<R> {
    lock(&CURRENT).as_ref().filter(|current| current.run.epoch == epoch).map(|current| f(&current.run))
}

/// A session as its owner sees it.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(super) view: View,
    stocking: Stocking,
}

/// Whether callsites of the level of this number are recorded.
#[inline(always)]
pub(crate) fn active(level: u8) -> bool {
    // Relaxed: a hint; whoever records joins the session under a lock.
    LEVEL.load(Ordering::Relaxed) >= u32::from(level)
}

/// Whether somebody has decided whether to record.
#[inline(always)]
pub(crate) fn is_decided() -> bool {
    // Relaxed: whoever finds that nobody has goes on to `decide`.
    LEVEL.load(Ordering::Relaxed) != UNDECIDED_LEVEL
}

/// Takes the decision whether to record, which so far is not to; `false` if somebody has taken it before.
pub(crate) fn decide() -> bool {
    // Relaxed, both: who is first starts what is to be started, by way of locks. The number goes with the level, for
    // whoever comes: a session that another thread starts meanwhile must not lose its own.
    let _ = STAMP.compare_exchange(UNDECIDED, 0, Ordering::Relaxed, Ordering::Relaxed);
    LEVEL.compare_exchange(UNDECIDED_LEVEL, 0, Ordering::Relaxed, Ordering::Relaxed).is_ok()
}

/// In a process made by `fork`: what the parent's threads do means nothing here. Nobody has decided yet whether to record if
/// the parent's session lets this process, or if nobody has in the parent.
pub(super) fn begin_anew(may_record: bool) {
    let (level, stamp) = if may_record { (UNDECIDED_LEVEL, UNDECIDED) } else { (0, 0) };
    limits::forget();
    if is_decided() {
        // Relaxed, both: there is no other thread.
        LEVEL.store(level, Ordering::Relaxed);
        STAMP.store(stamp, Ordering::Relaxed);
        if may_record {
            places::wake();
        }
    }
}

/// The session's number; 0 if there is none.
#[inline(always)]
pub(crate) fn epoch() -> u64 {
    // Relaxed: a thread that finds the number of the session it has joined has synchronised when it joined.
    wire::epoch_of(STAMP.load(Ordering::Relaxed))
}

pub(crate) fn current() -> Option<Arc<Run>> {
    lock(&CURRENT).as_ref().map(|current| Arc::clone(&current.run))
}

/// Counts events that [`admit`] let pass, and that came too late for their session, or that nobody got of it.
pub(crate) fn count_late(events: u64) {
    Pool::global().count_late(events);
}

pub(crate) fn homeless_losses() -> &'static LossTable {
    &HOMELESS
}

/// A callsite's word for an event inside the recorder, at a place that can't be entered into the table now: of no
/// session and no callsite. Whoever writes with it finds that the thread is busy, and counts the event.
const INSIDE: u64 = 2 << ID_BITS;

/// What decides whether to record when a callsite runs and nobody has: it is further up, where sessions are known.
pub(crate) trait Settle {
    fn settle();

    /// What callsites' words are compared with.
    #[inline(always)]
    fn stamp() -> u64 {
        // Relaxed: a thread that finds the stamp that it knows has synchronised when it learnt it.
        STAMP.load(Ordering::Relaxed)
    }
}

/// What the session does with a callsite that it hasn't met: gives the callsite's word, or 0 if its events are
/// not recorded.
#[cold]
#[inline(never)]
pub(super) fn resolve<S: Settle>(site: &'static CallsiteCell) -> u64 {
    if !is_decided() {
        S::settle();
    }
    let description = site.description();
    let is_listed = places::is_listed(site);
    // One that can't rest knows at least that it needn't come here again before the next session.
    if !is_listed && epoch() == 0 {
        site.set_word(0);
        return 0;
    }
    Local::with(|local| {
        let Some(_busy) = local.enter() else {
            // Without waiting: the lock may be held by what was interrupted. Without a session nothing was attempted.
            let selects = |current: &Current| current.selection.selects(description);
            let selected = CURRENT.try_lock().map_or(true, |current| current.as_ref().is_some_and(selects));
            return if selected { INSIDE } else { 0 };
        };
        if !is_selected(site, is_listed) {
            return 0;
        }
        let id = site.register();
        // Behind the table: a limit that comes at this moment is found here, or has found the callsite there. The lock is kept:
        // the rate is that of the stamp. Nothing is taken from the allocator under it.
        let current = lock(&CURRENT);
        let Some(Current { run, selection }) = &*current else { return 0 };
        let recorded = selection.selects(description);
        let Some(id) = id else {
            if recorded {
                owner::lose(local, Cause::TableFull, 0);
            }
            return 0;
        };
        if let Some(limit) = selection.limit_of(description) {
            limits::lower(id, limit);
        }
        if matches!(description.kind, CallsiteKind::Counter | CallsiteKind::Activity | CallsiteKind::Task) {
            numbers::share();
        }
        let stamp = selection.stamp(run.epoch);
        let mut word = wire::word(stamp, id);
        if let Some(rate) = selection.rate_of(description) {
            periods::set(id, Period::of(rate));
            word |= SAMPLED;
        }
        site.set_word(if recorded { word } else { wire::word(stamp, 0) });
        if recorded { word } else { 0 }
    })
}

/// Whether the session that runs, if any does, records a callsite. One that it doesn't record rests from then on, if it
/// is among those that are woken.
fn is_selected(site: &'static CallsiteCell, is_listed: bool) -> bool {
    let current = lock(&CURRENT);
    if current.as_ref().is_some_and(|current| current.selection.selects(site.description())) {
        return true;
    }
    if is_listed {
        site.rest();
    }
    if let Some(Current { run, selection }) = &*current {
        site.set_word(wire::word(selection.stamp(run.epoch), 0));
    }
    false
}

/// The callsites registered so far: the one with id `i` is at index `i - 1`.
pub(crate) fn callsites() -> Vec<&'static Callsite> {
    // Without memory for that, forks go on unprepared.
    let _ = fork::watch();
    // Inside the recorder: an allocator or a signal handler that traces would wait for the table for ever.
    Local::with(|local| {
        let _busy = local.enter();
        if fork::is_over() { Vec::new() } else { callsite::registered() }
    })
}

/// The callsite's word if its event is to be recorded, else 0.
#[inline(always)]
pub(crate) fn admit<S: Settle>(site: &'static CallsiteCell) -> u64 {
    let word = site.word();
    match word ^ S::stamp() {
        rest if !wire::is_id(rest) => sampling::admit::<S>(site),
        0 => 0,
        _ => word,
    }
}

/// Starts to record.
pub(crate) fn start(config: Config) -> Result<Recording, Error> {
    if fork::is_over() {
        return Err(Error::forked());
    }
    fork::watch()?;
    // Inside the recorder: a signal handler that forks would wait for the locks for ever.
    Local::with(|local| {
        let _busy = local.enter();
        // Before the lock is kept: who forks waits for it.
        let stocker = lock(&LIFE).stocker.take();
        stocker.into_iter().for_each(Stocker::wait);
        let mut life = lock(&LIFE);
        if epoch() != 0 {
            return Err(Error::running());
        }
        if !os::watch_thread_ends() {
            let message =
                "the process has made too many keys of thread-specific data: a session needs one, for threads that end";
            return Err(Error::memory(message.into()));
        }
        life.heir = None;
        owner::let_go(local);
        start_in(&mut life, config)
    })
}

/// Starts to record while nothing else can start or stop.
pub(super) fn start_in(life: &mut Life, config: Config) -> Result<Recording, Error> {
    let chunk = WORDS * size_of::<u64>();
    let limit = (config.memory / chunk).min(MOST_CHUNKS);
    let (least, too_little) = match config.when_full {
        WhenFull::Lose => (1, "less than one chunk: give a session"),
        WhenFull::Overwrite => (2, "less than two chunks, one to write and one to keep: give a ring"),
    };
    if limit < least {
        let message = format!("{} bytes of memory are {too_little} {} or more", config.memory, least * chunk);
        return Err(Error::memory(message));
    }
    clock::choose();
    allowance::begin(config.has_budget);
    LazyLock::force(&HOMELESS);
    let age = config.age.map(clock::ticks);
    let (supply, stocking) = supply::open(Pool::global(), limit, config.when_full, age, config.live)
        .map_err(|error| Error::memory(format!("the background thread of a session can't be started: {error}")))?;
    // What was lost since the last stop belongs to no session: it is late.
    sweep();
    // Before any thread can join: no event is older than its session.
    let started = Started { at: clock::anchor(), wall_ns: clock::wall_ns() };
    life.epoch = trial::epoch_behind(life.epoch);
    life.heir = Heir::of(life.epoch, &config);
    let selection = Arc::new(Selection::new(config.filter, config.categories, config.has_budget));
    let (stamp, highest) = (selection.stamp(life.epoch), selection.highest());
    let run = Arc::new(Run { epoch: life.epoch, supply, clock: started.clock(), alerts: Alerts::default() });
    let mut current = lock(&CURRENT);
    *current = Some(Current { run: Arc::clone(&run), selection });
    // Release, both: they end what was set up. In between, under the lock, as callsites go to rest: none does that missed this
    // session, and where `active` says yes none rests for what was before.
    STAMP.store(stamp, Ordering::Release);
    places::wake();
    LEVEL.store(highest, Ordering::Release);
    drop(current);
    Ok(Recording { view: View { run, started, forks: fork::forks() }, stocking })
}

fn sweep() {
    let mut left = buffers::take_losses();
    left.append(&mut HOMELESS.take(None));
    count_late(left.iter().map(|lost| lost.count).sum());
}

impl Recording {
    pub(crate) fn view(&self) -> View {
        self.view.clone()
    }

    /// Stops to record. Called inside the recorder.
    pub(super) fn end(self) -> Recorded {
        let Self { view, stocking } = self;
        let mut life = lock(&LIFE);
        life.heir = None;
        let mut current = lock(&CURRENT);
        // Release, both: not needed for memory, since readers take their part by acquiring lengths; they end the
        // session as early as other threads can see it. Under the lock: nobody changes the filter behind this.
        LEVEL.store(0, Ordering::Release);
        STAMP.store(0, Ordering::Release);
        limits::forget();
        let ended = current.take();
        drop((current, ended));
        let Closed { chunks, overwritten: mut lost, news, cut } = view.run.supply.close();
        let part = view.part(cut);
        lost.append(&mut buffers::take_losses());
        lost.append(&mut HOMELESS.take(None));
        life.stocker = Some(stocking.end());
        let (late, missed_alerts) = (Pool::global().take_late(), view.run.alerts.missed());
        life.retired.push(view.run);
        life.retired.retain(|run| Arc::strong_count(run) > 1);
        Recorded { chunks, lost, late, missed_alerts, news, ..part }
    }
}

const _: () = assert!(ALERT == 1 << (EPOCH_BITS + EPOCH_SHIFT), "a guard's key has a bit above the session's number");
