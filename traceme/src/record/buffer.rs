//! What outlives a thread: its shadow stack, and what it counts.

use std::sync::atomic::AtomicU64;

use crate::record::loss::LossTable;
use crate::record::sampling::Table;
use crate::record::scratch::Scratch;
use crate::record::wire::MAX_DEPTH;

/// What a thread has that others may look at: never freed, owned by one thread after the other.
#[derive(Debug)]
pub(crate) struct Buffer {
    pub(super) stack: Box<[Open]>,
    /// In ns, by depth; of spans whose guard has [`ALERT`](super::wire::ALERT), and not looked at for others. Apart from the stack, which
    /// the hot path indexes.
    pub(super) limits: Box<[AtomicU64]>,
    /// Counts the spans whose alert was told and whose end is committed, whichever threads they were of.
    pub(crate) alerted: AtomicU64,
    pub(crate) losses: LossTable,
    pub(crate) sampled: Table,
    /// The number of the thread that owns the buffer.
    pub(crate) thread: AtomicU64,
    pub(crate) scratch: Scratch,
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
    /// Its arrays go to the heap one by one: the stack of the thread that is to have it may be small.
    pub(crate) fn new() -> Self {
        let open = |_| Open { key: AtomicU64::new(0), about: AtomicU64::new(0), start: AtomicU64::new(0) };
        Self {
            stack: (0..MAX_DEPTH).map(open).collect(),
            limits: (0..MAX_DEPTH).map(|_| AtomicU64::new(0)).collect(),
            alerted: AtomicU64::new(0),
            losses: LossTable::new(),
            sampled: Table::default(),
            thread: AtomicU64::new(0),
            scratch: Scratch::new(),
        }
    }
}
