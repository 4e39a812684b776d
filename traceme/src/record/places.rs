//! The callsites that the linker lists, which rest while they are known not to be recorded.
//!
//! One that rests costs user code a compare. It is its own first event that puts it to rest, under the lock of what is
//! recorded at present; whoever changes that wakes all, under the same lock. What the linker doesn't list can't be
//! woken, and so never rests: it asks the recorder each time.

use std::ptr;

use crate::callsite::CallsiteCell;
use crate::record::os;

/// Whether [`wake`] wakes this one.
pub(super) fn is_listed(site: &'static CallsiteCell) -> bool {
    os::callsites().as_ptr_range().contains(&ptr::from_ref(site))
}

/// Has each callsite ask the recorder again. Called with the lock of what is recorded.
pub(super) fn wake() {
    os::callsites().iter().for_each(CallsiteCell::wake);
}
