//! The metadata of an event, each key once.

use crate::trace::{Meta, Value};

/// Calls `each` with the metadata of an event and what was appended to it: with its place, the key and the value. Of a
/// key that comes again only the last value counts, as readers would have it.
#[inline]
pub(super) fn for_each<'a>(meta: &Meta<'a>, appended: &[Meta<'a>], mut each: impl FnMut(usize, &'a str, Value<'a>)) {
    if appended.is_empty() && meta.callsite_id().is_some() && !meta.is_measured() {
        // The keys of a callsite are different. Not a loop: a chain of iterators is faster from the inside.
        meta.args().enumerate().for_each(|(at, (key, value))| each(at, key, value));
    } else {
        let mut all: Vec<(&str, Value<'_>)> = Vec::new();
        for (key, value) in meta.args().chain(appended.iter().flat_map(Meta::args)) {
            match all.iter_mut().find(|(known, _)| *known == key) {
                Some((_, known)) => *known = value,
                None => all.push((key, value)),
            }
        }
        all.into_iter().enumerate().for_each(|(at, (key, value))| each(at, key, value));
    }
}

/// Calls `each` with what an event says of tasks: which one it is or polls, and in which it was made.
#[inline]
pub(super) fn for_each_task(meta: &Meta<'_>, mut each: impl FnMut(&'static str, u64)) {
    if !meta.is_about_task() {
        return;
    }
    if let Some(task) = meta.poll_of().or_else(|| meta.task()) {
        each("task", task);
        meta.made_in().into_iter().for_each(|task| each("made_in", task));
    }
}
