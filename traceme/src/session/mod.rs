//! Starting to record, and what comes out.

mod action;
mod alert;
#[cfg(all(feature = "enable", not(loom)))]
mod batches;
mod builder;
mod callsites;
#[cfg(all(feature = "enable", not(loom)))]
mod dumps;
#[cfg_attr(not(all(feature = "enable", not(loom))), path = "ends_off.rs")]
mod ends;
#[cfg_attr(not(all(feature = "enable", not(loom))), path = "environment_off.rs")]
pub(crate) mod environment;
#[cfg(all(feature = "enable", not(loom)))]
mod exit;
#[cfg(all(feature = "enable", not(loom)))]
mod feed;
#[cfg(all(feature = "enable", not(loom)))]
mod governor;
#[cfg_attr(not(all(feature = "enable", not(loom))), path = "measured_off.rs")]
pub(crate) mod measured;
mod memory;
mod output;
#[cfg_attr(not(all(feature = "enable", not(loom))), path = "raw_off.rs")]
pub(crate) mod raw;
pub mod recorder;
#[cfg(all(feature = "enable", not(loom)))]
mod report;
mod request;
#[cfg(all(feature = "enable", not(loom)))]
mod rules;
#[cfg_attr(not(all(feature = "enable", not(loom))), path = "off.rs")]
mod run;
mod sink;
mod source;
#[cfg(all(feature = "enable", not(loom)))]
mod spending;
#[cfg(all(feature = "enable", not(loom)))]
mod start;
#[cfg(all(feature = "enable", not(loom)))]
mod summing;
mod theirs;
#[cfg(all(feature = "enable", not(loom)))]
mod threads;
pub(crate) mod traced;
mod trigger;
#[cfg(all(feature = "enable", not(loom)))]
mod unmatched;
#[cfg(all(feature = "enable", not(loom)))]
mod watch;

#[cfg(all(test, feature = "enable", not(loom)))]
mod spending_tests;
#[cfg(all(test, feature = "enable", not(loom)))]
mod tests;

pub use action::{Action, Failures, Fired};
pub use alert::Alert;
pub use builder::Builder;
pub use callsites::{CallsiteStatus, callsites};
pub use memory::Memory;
pub use run::Session;
pub use sink::Sink;
pub use source::Source;
pub use trigger::Trigger;
