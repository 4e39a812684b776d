#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(feature = "enable", not(loom))),
    allow(dead_code, reason = "the writing half of what reading needs serves recording only")
)]
#![cfg_attr(test, allow(unsafe_code, reason = "to the crate of a macro what the macro writes is not foreign"))]
//! See where time goes inside a program, at the cost of reading the clock.
//!
//! Annotate functions with [`#[traceme]`](macro@traceme), blocks with [`trace_scope!`], points with [`instant!`],
//! numbers with [`counter!`], what goes from thread to thread with [`activity!`] and [`Flow`]s. Ship that. While nothing
//! records, an annotation costs a load, a test and a branch; compiled out, nothing. A [`Session`] records:
//!
//! ```
//! use traceme::{Session, trace_scope, traceme};
//!
//! #[traceme(level = 2, meta(size = data.len()))]
//! fn sum(data: &[u64]) -> u64 {
//!     trace_scope!("adding up", level = 3);
//!     data.iter().sum()
//! }
//!
//! let session = Session::start(3)?;
//! sum(&[1, 2, 3]);
//! let trace = session.stop();
//!
//! let names: Vec<String> = trace.spans().map(|span| span.name().to_string()).collect();
//! assert_eq!(names, ["sum", "adding up"]);
//! println!("{}", trace.text());
//! # Ok::<(), traceme::Error>(())
//! ```
//!
//! # How do I
//!
//! | | |
//! |---|---|
//! | annotate a program, and what deserves it | [`guide::instrumenting`], [`guide::use_cases`] |
//! | see where the time went, without a viewer | [`Trace::summary`], and print it |
//! | open it in Perfetto, in Chrome's DevTools | [`Trace::save`]: `.pftrace`, `.json` |
//! | choose what is recorded, also while it is | [`Filter`], [`Session::set_filter`], [`callsites()`] |
//! | keep the newest events, and save them when something is odd | [`Memory::ring`], [`Session::on`]: a slow span, a panic, a signal; [`guide::leaving_it_on`] |
//! | leave it on for weeks | [`Memory::summary_only`], [`Session::rotate`] |
//! | take events while they happen | [`sink`](session::Builder::sink) |
//! | follow a request from thread to thread | [`Flow`], [`activity!`], [`step!`] |
//! | see what async tasks do | [`traced!`], [`guide::async_programs`] |
//! | record less of what is hot | [`guide::sampling`] |
//! | record what a device or a log has measured | [`record_span`] |
//! | find events that are missing | [`guide::troubleshooting`], [`Trace::losses`] |
//! | come from `tracing`, logs or an own profiler | [`guide::coming_from`] |
//!
//! # Recording from outside
//!
//! A program that is annotated, and does nothing else, is recorded when its environment asks for it:
//!
//! ```sh
//! TRACEME=info TRACEME_OUT=trace.pftrace ./program
//! TRACEME='info,my_app::net=3,cat:alloc=off' ./program
//! ```
//!
//! `TRACEME_OUT=trace.txt` has the summary as text, `TRACEME_OUT=-` has it on standard error: no viewer is needed for these.
//! The trace is saved when the program exits, also with a panic, or by Ctrl-C, SIGTERM or SIGHUP; a line on standard error
//! says where: `traceme: wrote trace.pftrace (12,345 events)`.
//! Directives are those of a [`Filter`]; [`init()`] tells the rest, and reports mistakes to programs that call it.
//!
//! # Features
//!
//! `enable` (on by default) compiles the annotations in. A library depends on traceme with
//! `default-features = false` and leaves the choice to the application: without it the annotations leave no
//! instruction and no static behind, and [`Session::start`] is an error that says so.
//!
//! `gzip` (on by default) writes compressed files: `.json.gz`, `.pftrace.gz`. `serde` makes summaries serialisable. With
//! `futures`, [`traced!`] takes streams, too.
//!
//! Building with `TRACEME_MAX_LEVEL=n` in the environment compiles out every callsite above level `n`.
//!
//! # Platforms
//!
//! Linux on x86-64 is where all of it is tested. On other targets the same is recorded, with less around it:
//!
//! | | |
//! |---|---|
//! | Linux on other processors | the same; elsewhere than on x86-64 and aarch64 the clock is the system's, which takes longer |
//! | macOS | memory that isn't needed stays with the process |
//! | Windows | the same; there are no signals and no `fork`; `std::process::exit` saves no trace; the names of threads from Windows 10 on |
//! | other Unix systems | as macOS; without ids of threads and [`Trigger::rss_over`](session::Trigger::rss_over) |
//! | WebAssembly | it compiles, annotations do nothing, [`Session::start`] is an error: there is no clock in `wasm32-unknown-unknown`, and no threads |
//!
//! docs/targets.md in the repository says what was compiled and run for which. Rust 1.85 or later compiles it.

pub mod analysis;
pub mod callsite;
mod category;
mod encode;
mod error;
pub mod export;
mod filter;
pub mod guide;
mod init;
mod instrument;
mod level;
mod rate;
mod record;
pub mod session;
mod sync;
#[cfg(all(feature = "enable", not(loom)))]
mod terminal;
pub mod trace;

pub use traceme_macros::traceme;

#[doc(inline)]
pub use crate::category::Category;
pub use crate::encode::{Parsed, ParsedArg, ParsedValue, encode, encode_op, encode_op_override, parse};
pub use crate::error::Error;
pub use crate::filter::Filter;
pub use crate::init::{InitGuard, init};
pub use crate::instrument::costs::selftest;
pub use crate::instrument::flow::Flow;
pub use crate::instrument::value::{AnyValue, Value};
pub use crate::instrument::{Activity, Selftest, SpanGuard, TaskSpan, Timestamp, Traced, now};
pub use crate::level::Level;
pub use crate::session::environment::active;
pub use crate::session::measured::record_span;
pub use crate::session::raw::{activity_end, activity_start};
pub use crate::session::traced::TracedExt;
#[doc(inline)]
pub use crate::session::{CallsiteStatus, Memory, Session, callsites, recorder};
#[doc(inline)]
pub use crate::trace::Trace;

/// What the macros refer to. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::callsite::{CallsiteCell, CallsiteKind, StaticCallsite, StaticKey};
    #[cfg(all(feature = "enable", not(loom)))]
    pub use crate::instrument::activity::{begin_activity, parent};
    pub use crate::instrument::flow::{flow_in, flow_out};
    #[cfg(all(feature = "enable", not(loom)))]
    pub use crate::instrument::future::{TaskSpan as Task, Traced, begin_task, begun, fail_task};
    #[cfg(not(all(feature = "enable", not(loom))))]
    pub use crate::instrument::future_off::{NotTraced as Traced, TaskSpan as Task, fail_task};
    #[cfg(all(feature = "enable", not(loom)))]
    pub use crate::instrument::future_result::TracedResult;
    #[cfg(all(feature = "enable", not(loom)))]
    pub use crate::instrument::span::{alert, append, enter_with, fail, instant, sample};
    pub use crate::instrument::step::step_number;
    #[cfg(all(feature = "enable", not(loom)))]
    pub use crate::instrument::target::{guard, target};
    pub use crate::instrument::value::{Name, Values, number, value};
    pub use crate::instrument::{At, Formatted, LevelArgument, call, never, outcome};
    #[cfg(not(all(feature = "enable", not(loom))))]
    pub use crate::instrument::{guard, parent};
    #[cfg(all(feature = "enable", not(loom)))]
    pub use crate::record::clock::mock;
    #[cfg(all(feature = "enable", not(loom)))]
    pub use crate::session::environment::{admit, enter};
    #[cfg(all(feature = "enable", not(loom)))]
    pub use std::boxed::Box;
}
