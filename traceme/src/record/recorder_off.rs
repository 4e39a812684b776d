//! The process's recorder where recording is compiled out: it records nothing.

use crate::callsite::{self, Callsite};

/// The callsites registered so far: none.
pub(crate) fn callsites() -> Vec<&'static Callsite> {
    callsite::registered()
}
