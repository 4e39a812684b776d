//! The callsites where recording is compiled out: there are none.

use crate::callsite::Callsite;

/// None.
pub(crate) fn all() -> Vec<(Callsite, bool, u64)> {
    Vec::new()
}
