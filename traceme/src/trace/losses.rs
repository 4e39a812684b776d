//! The ledger of a trace: what happened and is not in it.

use std::slice;

use super::read::CallsiteId;
use super::track::TrackId;
use crate::record::loss::Cause;

/// Events of one callsite on one thread that were lost for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Loss {
    /// Why.
    pub cause: Cause,
    /// The thread's track; `None` if nothing at all was recorded of the thread, or it is not known.
    pub track: Option<TrackId>,
    /// The callsite, if it is known.
    pub callsite: Option<CallsiteId>,
    /// How many events.
    pub count: u64,
    /// When the first of them happened, in ns from the session's start.
    pub first: u64,
    /// When the last of them happened, in ns from the session's start.
    pub last: u64,
}

/// All that happened while a session ran and is not in its trace.
///
/// Each attempt to record an event is either in the trace, or among the losses, or late. What sampling left out is among
/// the losses too, with a [cause](Cause::Sampled) of its own, and counted apart.
///
/// ```
/// let session = traceme::Session::start(1)?;
/// traceme::trace_scope!("work");
/// let trace = session.stop();
/// assert!(trace.losses().is_empty());
/// # Ok::<(), traceme::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Losses {
    /// In order of time.
    pub(super) items: Vec<Loss>,
    pub(super) late: u64,
    pub(super) damaged_words: u64,
    pub(super) missing_sections: u64,
    pub(super) unmatched_ends: u64,
}

impl Losses {
    /// The number of events that were lost. Late ones are not among them, nor those that were
    /// [left out](Self::left_out) on purpose.
    pub fn total(&self) -> u64 {
        self.lost().map(|loss| loss.count).sum()
    }

    /// The number of events that were left out by sampling: on purpose, because of a `rate` or a
    /// [budget](crate::session::Builder::budget).
    pub fn left_out(&self) -> u64 {
        self.by_cause(Cause::Sampled)
    }

    /// The losses but for what was left out on purpose.
    pub(crate) fn lost(&self) -> impl Iterator<Item = &Loss> {
        self.iter().filter(|loss| loss.cause != Cause::Sampled)
    }

    /// The number of events that were lost for this reason.
    pub fn by_cause(&self, cause: Cause) -> u64 {
        self.iter().filter(|loss| loss.cause == cause).map(|loss| loss.count).sum()
    }

    /// The losses, in the order of their first events; what was [left out](Self::left_out), too.
    pub fn iter(&self) -> slice::Iter<'_, Loss> {
        self.items.iter()
    }

    /// How many events began to be recorded before an earlier session stopped, and were finished only after that. The first
    /// session tells of them that starts or stops behind the end of their thread, or behind its next event in a session, or that
    /// this thread starts. What was recorded while a session could [not start](crate::session::Builder::start) is among them.
    pub fn late(&self) -> u64 {
        self.late
    }

    /// How many words (8 bytes each) of the recording could not be read. None, unless memory was overwritten.
    pub fn damaged_words(&self) -> u64 {
        self.damaged_words
    }

    /// How many sections (what a thread wrote into one chunk) are missing between those of the same thread that are there.
    /// None, but where a [ring](crate::Memory::ring) has given up a chunk that threads shared, one after the other's end.
    pub fn missing_sections(&self) -> u64 {
        self.missing_sections
    }

    /// How many ends of activities name none that is open: a wrong number, or one that has ended or is of another
    /// session; also if the beginning is in a part that was lost.
    pub fn unmatched_ends(&self) -> u64 {
        self.unmatched_ends
    }

    /// Whether the trace has all that it should: nothing was lost, late, damaged, missing or unmatched.
    pub fn is_empty(&self) -> bool {
        let others = [self.late, self.damaged_words, self.missing_sections, self.unmatched_ends];
        self.lost().next().is_none() && others == [0; 4]
    }
}

impl<'a> IntoIterator for &'a Losses {
    type Item = &'a Loss;
    type IntoIter = slice::Iter<'a, Loss>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::{CallsiteId, Cause, Loss, Losses, TrackId};

    #[test]
    fn losses_are_serialised_under_the_names_of_their_fields_and_ids_as_places() {
        let (track, callsite) = (Some(TrackId::new(2)), CallsiteId::new(1));
        let loss = Loss { cause: Cause::TooDeep, track, callsite, count: 3, first: 4, last: 5 };
        let losses = Losses { items: vec![loss], late: 6, damaged_words: 7, missing_sections: 8, unmatched_ends: 9 };
        let expected = serde_json::json!({
            "items": [{ "cause": "too deep", "track": 2, "callsite": 0, "count": 3, "first": 4, "last": 5 }],
            "late": 6, "damaged_words": 7, "missing_sections": 8, "unmatched_ends": 9,
        });
        assert_eq!(serde_json::to_value(&losses).expect("it can be serialised"), expected);
    }
}
