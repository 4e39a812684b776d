//! The same work, traced by others: the program `peers`.
//!
//! `ALL` are the peers, a file each, behind what [`peer`] asks of them. `run` has each of them measured in processes of
//! its own; `child` is what such a process does, by `cost` (time and the floor in turn) and `held` (a million spans).
//! [`figures`] are what comes out: a [`table`], a [`page`] and a [`plot`] for the docs. What needs a peer's crate is
//! compiled with the feature `peers` only.

pub mod figures;
pub mod page;
pub mod peer;
pub mod plot;
pub mod table;
pub mod trees;

#[cfg(feature = "peers")]
mod by_hand;
#[cfg(feature = "peers")]
pub mod child;
#[cfg(feature = "peers")]
mod cost;
#[cfg(feature = "peers")]
mod fastrace;
#[cfg(feature = "peers")]
mod held;
#[cfg(feature = "peers")]
mod hotpath;
#[cfg(feature = "peers")]
pub mod machine;
#[cfg(feature = "peers")]
mod measureme;
#[cfg(feature = "peers")]
mod puffin;
#[cfg(feature = "peers")]
pub mod run;
#[cfg(test)]
mod tests;
#[cfg(feature = "peers")]
mod traceme;
#[cfg(feature = "peers")]
mod tracing;
#[cfg(feature = "peers")]
mod tracing_chrome;
#[cfg(feature = "peers")]
mod tracy;
#[cfg(feature = "peers")]
mod tracy_server;

/// All of them, traceme first.
#[cfg(feature = "peers")]
pub const ALL: [peer::About; 10] = [
    traceme::ABOUT,
    by_hand::ABOUT,
    tracing::NULL,
    tracing::REGISTRY,
    tracing_chrome::ABOUT,
    fastrace::ABOUT,
    puffin::ABOUT,
    measureme::ABOUT,
    tracy::ABOUT,
    hotpath::ABOUT,
];
