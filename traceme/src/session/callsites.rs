//! All annotated places of the program, whether they have run or not, and what the session does with them.

use crate::callsite::Callsite;
use crate::level::Level;
use crate::record::places;

/// An annotated place, as it is at the moment.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CallsiteStatus {
    /// What it is, and where.
    pub callsite: Callsite,
    /// Whether a session records it now. One that no session has met yet, with a name that is made at run time, is judged
    /// by the rest.
    pub is_enabled: bool,
    /// Whether it is compiled in: its level is not above `TRACEME_MAX_LEVEL`. What is compiled out can be missing in the list.
    pub is_compiled_in: bool,
    /// How many of its events the session that runs has at the moment. Those that a ring or a rotation has given away are
    /// not among them; without a session it is 0.
    pub hits: u64,
}

/// The annotated places of the program, by file and line, whether they have run or not: what can be recorded, what is, how often.
///
/// The linker lists them, on Linux, Android, FreeBSD, macOS, iOS and Windows: those of the executable, or of the library
/// that traceme is linked into, where the optimiser left them in. What other libraries bring that are loaded at run time, and
/// all of them elsewhere, is listed once it has run in a session that records it.
///
/// It takes longer the more a session holds: 3 ns for each event.
///
/// ```
/// use traceme::{Session, instant};
///
/// fn rarely(really: bool) {
///     if really {
///         instant!("it happened", level = 3);
///     }
/// }
///
/// let session = Session::builder().filter("info").start()?;
/// rarely(false);
/// let find = || traceme::callsites().into_iter().find(|status| status.callsite.name == "it happened");
/// let found = find().expect("listed, though it has never run");
/// assert_eq!((found.callsite.level.get(), found.is_enabled, found.hits), (3, false, 0));
///
/// session.set_filter("all")?;
/// rarely(true);
/// let found = find().expect("it is there");
/// assert_eq!((found.is_enabled, found.hits), (true, 1));
/// # Ok::<(), traceme::Error>(())
/// ```
pub fn callsites() -> Vec<CallsiteStatus> {
    let status = |(callsite, is_enabled, hits): (Callsite, bool, u64)| {
        let is_compiled_in = Level::is_compiled_in(callsite.level.get());
        CallsiteStatus { callsite, is_enabled, is_compiled_in, hits }
    };
    let mut all: Vec<CallsiteStatus> = places::all().into_iter().map(status).collect();
    all.sort_by(|a, b| place(&a.callsite).cmp(&place(&b.callsite)));
    all
}

fn place(callsite: &Callsite) -> (&str, u32, u32) {
    (&callsite.file, callsite.line, callsite.column)
}
