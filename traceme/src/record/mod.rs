//! The runtime: how an event gets from a thread into the memory that a session takes over.
//!
//! What enters are calls of the hot path in [`instrument`](crate::instrument); what leaves is a
//! [`Recorded`](chunk::Recorded): closed chunks and the ledger of losses. It knows neither sessions nor traces,
//! and never blocks, allocates or panics on the hot path.

pub(crate) mod args;
pub(crate) mod budget;
pub(crate) mod chunk;
pub(crate) mod ends;
pub(crate) mod loss;
pub(crate) mod name;
pub(crate) mod process;
pub(crate) mod time;
pub(crate) mod value;
pub(crate) mod wire;

#[cfg(any(feature = "enable", loom))]
pub(crate) mod held;
#[cfg(any(feature = "enable", loom))]
pub(crate) mod pool;

#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(loom)]
#[path = "os/portable.rs"]
pub(crate) mod os;

#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod alert;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod allowance;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod buffer;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod buffers;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod change;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod clock;
#[cfg_attr(not(all(feature = "enable", not(loom))), path = "fork_off.rs")]
pub(crate) mod fork;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod kept;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod limits;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod numbers;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod os;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod owner;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod periods;
#[cfg_attr(not(all(feature = "enable", not(loom))), path = "places_off.rs")]
pub(crate) mod places;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod recorder;
#[cfg(not(all(feature = "enable", not(loom))))]
#[path = "recorder_off.rs"]
pub(crate) mod recorder;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod running;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod sampling;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod scratch;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod selection;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod supply;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod thread;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod trial;
