//! What a session may use for recording, and what it has used.

/// A session's budget for recording, and what it has used of it. Both are shares of the time that the process ran on
/// processors while the session did: 0.01 is 1 %.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Budget {
    /// What may be used.
    pub share: f64,
    /// What was used since the session's start, also for what was left out: counted events, times what one takes on this
    /// machine.
    pub used: f64,
}
