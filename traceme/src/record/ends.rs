//! How spans, activities and tasks end.

const PANICKED: u64 = 1;
const FAILED: u64 = 2;
const ALERTED: u64 = 4;
const CANCELLED: u64 = 8;

/// How a span ended, if not simply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct EndFlags {
    /// The thread was panicking, and wasn't when the span began.
    pub(crate) panicked: bool,
    /// The code said so: its function returned an error.
    pub(crate) failed: bool,
    /// It took as long as its limit, or longer.
    pub(crate) alerted: bool,
    /// It is of a task that was dropped before it was through.
    pub(crate) cancelled: bool,
}

impl EndFlags {
    pub(crate) const fn bits(self) -> u64 {
        let panicked = if self.panicked { PANICKED } else { 0 };
        let failed = if self.failed { FAILED } else { 0 };
        let alerted = if self.alerted { ALERTED } else { 0 };
        let cancelled = if self.cancelled { CANCELLED } else { 0 };
        panicked | failed | alerted | cancelled
    }

    pub(crate) const fn read(bits: u64) -> Self {
        Self {
            panicked: bits & PANICKED != 0,
            failed: bits & FAILED != 0,
            alerted: bits & ALERTED != 0,
            cancelled: bits & CANCELLED != 0,
        }
    }
}
