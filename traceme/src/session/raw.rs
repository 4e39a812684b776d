//! Activities without a macro and without a guard: for what can keep no more than a number.

use crate::callsite::{CallsiteCell, CallsiteKind, StaticCallsite};
use crate::category::Category;
use crate::instrument::value::Name;
use crate::instrument::{active, activity};
use crate::level::Level;
use crate::record::ends::EndFlags;
use crate::record::recorder;
use crate::session::environment::Environment;

/// A callsite for each level: they differ in nothing else, and stand nowhere in the source.
static SITES: [CallsiteCell; 255] = {
    let mut sites = [const { of_level(1) }; 255];
    let mut level = 255;
    while level > 0 {
        sites[level as usize - 1] = of_level(level);
        level -= 1;
    }
    sites
};

/// The callsite of what has this level and is known by nothing else.
pub(super) fn site(level: Level) -> &'static CallsiteCell {
    &SITES[usize::from(level.get()) - 1]
}

const fn of_level(level: u8) -> CallsiteCell {
    nowhere(CallsiteKind::Activity, level)
}

/// A callsite that stands nowhere in the source, of what has its name made at run time.
pub(super) const fn nowhere(kind: CallsiteKind, level: u8) -> CallsiteCell {
    let description = StaticCallsite {
        file: "",
        line: 0,
        column: 0,
        ..StaticCallsite::new(kind, "", level, Category::DEFAULT, "", &[])
    };
    CallsiteCell::new(description)
}

/// Begins an activity, to be ended by [`activity_end`] with the number that this gives, on any thread. It is 0 if the
/// activity is not recorded.
///
/// [`activity!`](crate::activity) does the same with a guard, which can't be forgotten or ended twice, and with metadata.
/// Here the name is one made at run time; a [`Filter`](crate::Filter) can tell such activities by their level only.
///
/// ```
/// use traceme::{Level, Session, activity_end, activity_start};
///
/// let session = Session::start(2)?;
/// let id = activity_start("request", Level::INFO);
/// std::thread::spawn(move || activity_end(id)).join().expect("it doesn't panic");
/// let trace = session.stop();
/// assert_eq!(trace.spans().next().map(|span| span.name()), Some("request".into()));
/// # Ok::<(), traceme::Error>(())
/// ```
pub fn activity_start(name: &str, level: Level) -> u64 {
    if !active(level) {
        return 0;
    }
    match recorder::admit::<Environment>(site(level)) {
        0 => 0,
        word => activity::begin(word, &(Name(name), ())),
    }
}

/// Ends the activity that [`activity_start`] gave this number; 0 does nothing.
///
/// A number of no activity, of one that has ended or of another session does no harm: it is counted in the trace, by
/// [`Losses::unmatched_ends`](crate::trace::Losses::unmatched_ends).
pub fn activity_end(id: u64) {
    if id != 0 {
        activity::end(id, EndFlags::default());
    }
}
