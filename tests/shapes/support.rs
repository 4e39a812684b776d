//! What the shapes share: one session at a time, and what it recorded as text.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use traceme::instant;

#[path = "../tests/common/session.rs"]
mod session;
pub(crate) use session::{alone, traced};

/// What a piece of work records on this thread, as text without the thread's own line.
pub(crate) fn recorded(level: u8, work: impl FnOnce()) -> String {
    session::below_thread(&traced(level, work).text().to_string())
}

/// Unwinds like a panic, and prints nothing.
pub(crate) fn unwind() -> usize {
    resume_unwind(Box::new("expected"))
}

/// Whether it panics.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> bool {
    catch_unwind(AssertUnwindSafe(work)).is_err()
}

/// Records an instant when it is dropped.
pub(crate) struct Loud(pub(crate) &'static str);

impl Drop for Loud {
    fn drop(&mut self) {
        instant!(name = self.0);
    }
}

impl Loud {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// What an annotated function records, once it has recorded the same instants in the same order as its bare twin.
#[track_caller]
pub(crate) fn as_its_twin<T>(bare: impl FnOnce() -> T, annotated: impl FnOnce() -> T) -> String {
    let (bare, annotated) = (recorded(255, || drop(bare())), recorded(255, || drop(annotated())));
    let instants: Vec<_> = annotated.lines().map(str::trim_start).filter(|line| line.starts_with('*')).collect();
    assert_eq!(instants, bare.lines().collect::<Vec<_>>(), "in the order of the bare function");
    annotated
}

/// Functions two times, bare in `mod bare` and annotated in `mod annotated`, from the same tokens.
macro_rules! twins {
    ($($(#[traceme $options:tt])? fn $name:ident $arguments:tt $(-> $result:ty)? { $($body:tt)* })+) => {
        mod bare {
            #[allow(unused_imports, reason = "for some of the twins")]
            use super::*;
            $(pub(super) fn $name $arguments $(-> $result)? { $($body)* })+
        }
        mod annotated {
            #[allow(unused_imports, reason = "for some of the twins")]
            use super::*;
            $(#[::traceme::traceme $($options)?] pub(super) fn $name $arguments $(-> $result)? { $($body)* })+
        }
    };
}
pub(crate) use twins;
