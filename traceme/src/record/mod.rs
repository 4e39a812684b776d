//! The runtime: how an event gets from a thread into the memory that a session takes over.
//!
//! What enters are calls of the hot path in [`instrument`](crate::instrument); what leaves is a
//! [`Recorded`](chunk::Recorded): closed chunks and the ledger of losses. It knows neither sessions nor traces,
//! and never blocks, allocates or panics on the hot path.

pub(crate) mod args;
pub(crate) mod chunk;
pub(crate) mod loss;
pub(crate) mod time;
pub(crate) mod wire;

#[cfg(feature = "enable")]
pub(crate) mod clock;
#[cfg(feature = "enable")]
pub(crate) mod os;
#[cfg(feature = "enable")]
pub(crate) mod owner;
#[cfg(feature = "enable")]
pub(crate) mod pool;
#[cfg(feature = "enable")]
pub(crate) mod recorder;
#[cfg(feature = "enable")]
pub(crate) mod scratch;
#[cfg(feature = "enable")]
pub(crate) mod supply;
#[cfg(feature = "enable")]
pub(crate) mod thread;
