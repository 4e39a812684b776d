//! Signals to the process: counted by a handler of ours, in front of the one that was there.
#![allow(unsafe_code, reason = "system calls")]

use std::collections::BTreeMap;
use std::ffi::{c_int, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::process;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use crate::record::fork;
use crate::sync::lock;

/// Numbers of signals are below this.
const NUMBERS: usize = 128;
/// How many handlers of ours one signal can have, each in front of one of the program's.
const LEVELS: usize = 4;

/// Those that end a process on request.
const ENDS: [c_int; 4] = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGQUIT];
/// Those among them that leave no core: who asks for one wants the process as it is.
const PLAIN_ENDS: [c_int; 3] = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP];
/// Those by which the system says that the program is broken: it can't go on behind a handler.
const BROKEN: [c_int; 7] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGABRT, libc::SIGTRAP, libc::SIGSYS];

/// Signals that come within so many ns of the first one say nothing else than that.
const ONCE_NS: u64 = 500_000_000;

type Handler = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);

/// Ours, by level. A handler that the program puts in front of one of them may call that: so it keeps what was there
/// before it, and another one goes in front of the program's.
static HANDLERS: [Handler; LEVELS] = [handle::<0>, handle::<1>, handle::<2>, handle::<3>];

/// What the handlers need to know of a signal.
struct Entry {
    raised: AtomicU64,
    /// How often it would have done its default since our newest handler was put in its place.
    asked: AtomicU64,
    /// When it first was, by the monotonic clock; 0 before.
    first_asked: AtomicU64,
    /// The level of the handler that counts: those behind it are called for the same signal.
    counts: AtomicUsize,
    /// What was there before, by level.
    previous: [Previous; LEVELS],
}

/// A handler that was there, and whether it takes three arguments.
struct Previous {
    handler: AtomicUsize,
    takes_three: AtomicBool,
}

static ENTRIES: [Entry; NUMBERS] = [const {
    let previous =
        [const { Previous { handler: AtomicUsize::new(libc::SIG_DFL), takes_three: AtomicBool::new(false) } }; LEVELS];
    Entry {
        raised: AtomicU64::new(0),
        asked: AtomicU64::new(0),
        first_asked: AtomicU64::new(0),
        counts: AtomicUsize::new(0),
        previous,
    }
}; NUMBERS];

/// The process that watches: a child made by `fork` has the handlers, and nobody who acts.
static WATCHED_IN: AtomicU32 = AtomicU32::new(0);

/// By signal. Locked inside [`fork::apart`] only: no other thread has it in a child.
static WATCHED: Mutex<BTreeMap<c_int, Watching>> = Mutex::new(BTreeMap::new());

/// What became of a signal that is watched, or was.
#[derive(Default)]
struct Watching {
    /// How many watch it.
    count: usize,
    /// What was there before each of our handlers, by level.
    before: Vec<libc::sigaction>,
}

/// A signal that is watched, until this is dropped.
#[derive(Debug)]
pub(crate) struct Watched {
    number: c_int,
    ends: bool,
}

/// The end of the process, by a signal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End(c_int);

extern "C" fn handle<const LEVEL: usize>(number: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    let Some(entry) = entry_of(number) else { return };
    let Previous { handler, takes_three } = &entry.previous[LEVEL];
    // Relaxed, both: stored before the handler was put in its place.
    let previous = handler.load(Ordering::Relaxed);
    // If it isn't in its place, a handler of the program has called it, which is what the program does with the signal.
    let is_default = previous == libc::SIG_DFL && is_in_place(number, LEVEL);
    // Relaxed: whoever looks at it acquires the other count first.
    entry.asked.fetch_add(u64::from(is_default), Ordering::Relaxed);
    let is_urgent = is_default && ENDS.contains(&number) && entry.is_asked_again();
    // Relaxed: the count is all that depends on it.
    if entry.counts.load(Ordering::Relaxed) == LEVEL {
        // Release: what the thread recorded before is in a snapshot.
        entry.raised.fetch_add(1, Ordering::Release);
    }
    if previous == libc::SIG_DFL || previous == libc::SIG_IGN {
        // Relaxed: stored before the handler was put in its place.
        let is_watched = WATCHED_IN.load(Ordering::Relaxed) == process::id();
        if is_default && (!is_watched || is_urgent) {
            End(number).follow();
        }
        return;
    }
    if takes_three.load(Ordering::Relaxed) {
        // SAFETY: the system gave this as the handler that was there, with the flag that says that it is such a function.
        let function = unsafe { std::mem::transmute::<usize, Handler>(previous) };
        function(number, info, context);
    } else {
        // SAFETY: the same, without the flag.
        let function = unsafe { std::mem::transmute::<usize, extern "C" fn(c_int)>(previous) };
        function(number);
    }
}

impl Entry {
    /// Whether the end was asked for before, and not just now. A process can be told twice what is meant once: itself and with
    /// its group, as `timeout` and terminals do.
    fn is_asked_again(&self) -> bool {
        let now = super::monotonic_ns();
        // Relaxed, both: nothing depends on it but how long ago it was.
        let before = self.first_asked.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
        before.is_err_and(|first| now.saturating_sub(first) > ONCE_NS)
    }
}

fn entry_of(number: c_int) -> Option<&'static Entry> {
    usize::try_from(number).ok().and_then(|at| ENTRIES.get(at))
}

/// Whether a signal comes to our handler of this level first. A signal handler may ask.
fn is_in_place(number: c_int, level: usize) -> bool {
    let is_ours = |now: libc::sigaction| HANDLERS.get(level).is_some_and(|&ours| now.sa_sigaction == ours as usize);
    action_of(number).is_ok_and(is_ours)
}

/// What is done with a signal.
fn action_of(number: c_int) -> io::Result<libc::sigaction> {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: writes the action to a place for one, and changes nothing.
    if unsafe { libc::sigaction(number, ptr::null(), action.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has written it.
    Ok(unsafe { action.assume_init() })
}

fn set_action(number: c_int, action: &libc::sigaction) -> io::Result<()> {
    // SAFETY: the action is one that the system gave, or has our handler, which can be called at any time.
    match unsafe { libc::sigaction(number, action, ptr::null_mut()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Counts a signal from here on. What was done with it is done as before, but for its default: see [`Watched::end`].
pub(crate) fn watch(number: c_int) -> io::Result<Watched> {
    let Some(entry) = entry_of(number).filter(|_| !BROKEN.contains(&number)) else {
        let message = "there is no such signal, or it means that the program can't go on";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    };
    let forked = || Err(io::Error::other("the process was made by a `fork` from inside the recorder"));
    fork::apart(|| add(number, entry)).unwrap_or_else(forked)
}

/// Counts the signals that end a process on request, those of them that this program has left alone.
pub(crate) fn watch_ends() -> Vec<Watched> {
    let is_left = |&number: &c_int| action_of(number).is_ok_and(|now| now.sa_sigaction == libc::SIG_DFL);
    let watch = || {
        forget_parent(&mut lock(&WATCHED));
        PLAIN_ENDS.into_iter().filter(is_left).filter_map(|number| watch(number).ok()).collect()
    };
    fork::apart(watch).unwrap_or_default()
}

/// In a process made by `fork`, puts what was there before the parent's handlers in their places: nobody watches them here.
fn forget_parent(all: &mut BTreeMap<c_int, Watching>) {
    // Relaxed, both: handlers that are put in their places after this find it.
    if WATCHED_IN.load(Ordering::Relaxed) != process::id() {
        all.iter_mut().for_each(|(&number, watching)| watching.end(number));
        WATCHED_IN.store(process::id(), Ordering::Relaxed);
    }
}

fn add(number: c_int, entry: &Entry) -> io::Result<Watched> {
    let mut all = lock(&WATCHED);
    forget_parent(&mut all);
    let watching = all.entry(number).or_default();
    if !watching.is_in_place(number) {
        watching.install(number, entry)?;
    }
    watching.count += 1;
    let newest = watching.before.last();
    // Relaxed: as in the handler.
    entry.counts.store(watching.before.len() - 1, Ordering::Relaxed);
    Ok(Watched { number, ends: newest.is_some_and(|it| it.sa_sigaction == libc::SIG_DFL) && ENDS.contains(&number) })
}

impl Watching {
    /// Whether our newest handler is where it was put.
    fn is_in_place(&self, number: c_int) -> bool {
        self.before.len().checked_sub(1).is_some_and(|level| is_in_place(number, level))
    }

    /// Puts a handler of ours in front of what is there.
    fn install(&mut self, number: c_int, entry: &Entry) -> io::Result<()> {
        let level = self.before.len();
        let (Some(previous), Some(&ours)) = (entry.previous.get(level), HANDLERS.get(level)) else {
            let message = format!(
                "handlers of the program have come in front of {LEVELS} of ours: have it install them before a session watches"
            );
            return Err(io::Error::other(message));
        };
        let before = action_of(number)?;
        let is_default = before.sa_sigaction == libc::SIG_DFL || before.sa_sigaction == libc::SIG_IGN;
        // Relaxed, all: the call below is behind them.
        previous.handler.store(before.sa_sigaction, Ordering::Relaxed);
        previous.takes_three.store(before.sa_flags & libc::SA_SIGINFO != 0, Ordering::Relaxed);
        entry.asked.store(0, Ordering::Relaxed);
        entry.first_asked.store(0, Ordering::Relaxed);
        // As if it were the handler that was there; else so that as little as possible is interrupted.
        let kept = if is_default { libc::SA_RESTART } else { before.sa_flags };
        let flags = kept & !(libc::SA_RESETHAND) | libc::SA_SIGINFO | libc::SA_ONSTACK;
        set_action(number, &libc::sigaction { sa_sigaction: ours as usize, sa_flags: flags, ..before })?;
        self.before.push(before);
        Ok(())
    }

    /// Nobody watches any more: what was there before is there again. But a handler that came later stays, and may call ours,
    /// which calls what was there.
    fn end(&mut self, number: c_int) {
        self.count = 0;
        if self.is_in_place(number) {
            let _ = self.before.pop().map(|before| set_action(number, &before));
        }
    }
}

impl Watched {
    /// How often it was raised.
    pub(crate) fn count(&self) -> u64 {
        // Acquire: pairs with the handler.
        entry_of(self.number).map_or(0, |entry| entry.raised.load(Ordering::Acquire))
    }

    /// The end of the process, if the signal has asked for it and the program does nothing about it.
    pub(crate) fn end(&self) -> Option<End> {
        End(self.number).if_asked(self.ends)
    }

    /// Watches no more; gives the end of the process, if the signal has asked for it by then.
    pub(crate) fn close(self) -> Option<End> {
        let (end, ends) = (End(self.number), self.ends);
        drop(self);
        end.if_asked(ends)
    }

    pub(crate) fn number(&self) -> i32 {
        self.number
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        fork::apart(|| {
            let mut all = lock(&WATCHED);
            let Some(watching) = all.get_mut(&self.number) else { return };
            watching.count = watching.count.saturating_sub(1);
            if watching.count == 0 {
                watching.end(self.number);
            }
        });
    }
}

impl End {
    fn if_asked(self, ends: bool) -> Option<Self> {
        // Relaxed: behind the other count, or behind the end of the watch.
        let is_asked = || entry_of(self.0).is_some_and(|entry| entry.asked.load(Ordering::Relaxed) > 0);
        (ends && is_asked()).then_some(self)
    }

    /// Ends the process as the signal would have: on return if this is called by the signal's handler, which may.
    pub(crate) fn follow(self) {
        let default = action_of(self.0).map(|now| libc::sigaction { sa_sigaction: libc::SIG_DFL, sa_flags: 0, ..now });
        if default.and_then(|default| set_action(self.0, &default)).is_ok() {
            // SAFETY: the call takes no arguments and can't fail.
            let process = unsafe { libc::getpid() };
            // SAFETY: sends a signal to this process.
            unsafe { libc::kill(process, self.0) };
        }
    }
}
