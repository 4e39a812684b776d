//! Starting to record, and what comes out.

mod builder;
#[cfg(feature = "enable")]
mod feed;
mod memory;
#[cfg_attr(not(feature = "enable"), path = "off.rs")]
mod run;
pub mod recorder;
mod sink;
mod source;

pub use builder::Builder;
pub use memory::Memory;
pub use run::Session;
pub use sink::Sink;
pub use source::Source;
