//! Activities: spans that belong to no thread.

use crate::instrument::span::write_with;
use crate::instrument::value::Values;
use crate::record::ends::EndFlags;
use crate::record::numbers;
use crate::record::recorder;
use crate::record::wire::{self, ACTIVITY_BEGIN, ACTIVITY_END};

/// An activity that is going on: it ends when this is dropped, or [`end`](Self::end)ed, on whatever thread.
///
/// Made by [`activity!`](crate::activity).
#[must_use = "the activity ends when this is dropped: keep it until then"]
#[derive(Debug)]
pub struct Activity {
    /// 0 if nothing is recorded.
    id: u64,
}

impl Activity {
    /// An activity that is not recorded.
    #[doc(hidden)]
    pub const INERT: Self = Self { id: 0 };

    /// Ends the activity now.
    #[inline(always)]
    pub fn end(self) {}

    /// Whether it is being recorded.
    #[inline(always)]
    pub fn is_recorded(&self) -> bool {
        self.id != 0
    }

    /// Its number in this process; 0 if it is not recorded.
    #[inline(always)]
    pub fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for Activity {
    #[inline(always)]
    fn drop(&mut self) {
        if self.id != 0 {
            end_own(self.id);
        }
    }
}

/// Begins an activity.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn begin_activity<V: Values>(word: u64, values: V) -> Activity {
    Activity { id: begin(word, &values) }
}

/// Begins an activity of the callsite with this word; gives its id, or 0 if it is lost.
pub(crate) fn begin<V: Values>(word: u64, values: &V) -> u64 {
    let id = numbers::begin_activity(word & !wire::WEIGHED);
    write_with::<ACTIVITY_BEGIN, _>(word, id, values)
}

/// Ends an activity that was begun here; one of a session that has stopped is over.
#[cold]
#[inline(never)]
fn end_own(id: u64) {
    if wire::epoch_of(id) == recorder::epoch() {
        end(id, EndFlags::default());
    }
}

/// Ends the activity of this id, if a session is running; whether there is one is found out when the trace is read.
pub(crate) fn end(id: u64, flags: EndFlags) {
    if let Some(word) = numbers::word_of_ends() {
        write_with::<ACTIVITY_END, ()>(word | flags.bits(), id, &());
    }
}

/// What the macros call on `parent = ..`.
#[doc(hidden)]
#[inline(always)]
pub fn parent(parent: &Activity) -> Option<u64> {
    Some(parent.id).filter(|&id| id != 0)
}
