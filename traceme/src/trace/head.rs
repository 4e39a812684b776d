//! The parts of heads and keys, for the loops that look at millions of them.

use std::slice;

use crate::callsite::ID_BITS;
use crate::record::args::Values;
use crate::record::value::load;
use crate::record::wire::{self, ARGS, EPOCH_SHIFT, MAX_DEPTH, TIME_BITS};
use crate::sync::AtomicU64;

/// The bits of a span's key that tell it from others of its session.
pub(super) const KEY_MASK: u64 = (1 << EPOCH_SHIFT) - 1;

const TIME_SHIFT: u32 = 64 - TIME_BITS;
const ID_SHIFT: u32 = TIME_SHIFT - ID_BITS;

#[inline(always)]
pub(super) const fn kind(head: u64) -> u64 {
    head & ((1 << ID_SHIFT) - 1)
}

#[inline(always)]
pub(super) const fn id(head: u64) -> u64 {
    wire::id_of(head >> ID_SHIFT)
}

#[inline(always)]
pub(super) const fn time(head: u64) -> u64 {
    head >> TIME_SHIFT
}

/// The word in a key: see [`wire::key`].
#[expect(clippy::cast_possible_truncation, reason = "15 bits")]
pub(super) const fn at_of(key: u64) -> u32 {
    ((key & KEY_MASK) >> (ID_BITS + MAX_DEPTH.ilog2())) as u32
}

/// The values at the front of `rest`, if there are any, and takes them off it; `None` if they are cut.
#[inline(always)]
pub(super) fn values<'a>(rest: &mut slice::Iter<'a, AtomicU64>) -> Option<Values<'a>> {
    match rest.as_slice().first().map(load) {
        Some(tag) if kind(tag) == ARGS => {
            let words = rest.as_slice().get(1..)?;
            let (values, used) = Values::read(tag, words)?;
            *rest = words.get(used..)?.iter();
            Some(values)
        }
        _ => Some(Values::EMPTY),
    }
}
