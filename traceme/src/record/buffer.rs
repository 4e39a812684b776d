//! What outlives a thread: its shadow stack, and what it counts.

use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, OnceLock};

use crate::record::loss::LossTable;
use crate::record::os;
use crate::record::sampling::Table;
use crate::record::scratch::Scratch;
use crate::record::wire::MAX_DEPTH;

/// What a thread has that others may look at: never freed, owned by one thread after the other.
#[derive(Debug)]
pub(crate) struct Buffer {
    pub(super) stack: &'static [Open],
    /// In ns, by depth; of spans whose guard has [`ALERT`](super::wire::ALERT), and not looked at for others. Apart from the stack, which
    /// the hot path indexes.
    pub(super) limits: &'static [AtomicU64],
    /// Counts the spans whose alert was told and whose end is committed, whichever threads they were of.
    pub(crate) alerted: AtomicU64,
    pub(crate) losses: LossTable,
    pub(crate) sampled: Table,
    /// The number of the thread that owns the buffer; 0 if none does.
    pub(crate) thread: AtomicU64,
    pub(crate) scratch: Scratch,
    /// The one that was made before this.
    pub(super) older: OnceLock<&'static Self>,
    /// If no thread owns it: another one that none owns. Under the lock of these.
    pub(super) free: Mutex<Option<&'static Self>>,
}

/// An open span. Only the owning thread uses it: the atomics are there so that it can be shared safely.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) key: AtomicU64,
    /// The callsite's id, and above that the number of the task whose poll it is.
    pub(super) about: AtomicU64,
    /// Ticks; the highest bit is set if the thread was panicking when the span began.
    pub(super) start: AtomicU64,
}

impl Buffer {
    /// `None` if the system gives no memory. It isn't the allocator's, whatever is made later included: see [`os::keep`]. The
    /// arrays are made one by one, since the stack of the thread that is to have it may be small.
    pub(crate) fn new() -> Option<&'static Self> {
        let open = || Open { key: AtomicU64::new(0), about: AtomicU64::new(0), start: AtomicU64::new(0) };
        let stack = os::keep(MAX_DEPTH, open)?;
        let limits = os::keep(MAX_DEPTH, || AtomicU64::new(0))?;
        let buffer = || Self {
            stack,
            limits,
            alerted: AtomicU64::new(0),
            losses: LossTable::new(),
            sampled: Table::default(),
            thread: AtomicU64::new(0),
            scratch: Scratch::new(),
            older: OnceLock::new(),
            free: Mutex::new(None),
        };
        os::keep(1, buffer)?.first()
    }
}
