//! What was measured elsewhere, where recording is compiled out: it is dropped.

use std::ops::Range;

use crate::instrument::Timestamp;
use crate::instrument::value::AnyValue;

/// Records nothing: recording is compiled out.
#[inline(always)]
pub fn record_span(_name: &str, _range: Range<Timestamp>, _args: &[(&str, &dyn AnyValue)]) {}
