//! What a survey finds. Each thread has its own; in the end they are merged.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::measure::{Measured, Unsafety};
use crate::walk::File;

/// How many functions a list of the topmost keeps.
const TOP: usize = 10;

/// All that was found. The same for the same files, whichever thread had which.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// The files that were read, whether they parse or not.
    pub(crate) files: usize,
    pub(crate) bytes: u64,
    pub(crate) lines: usize,
    pub(crate) functions: usize,
    /// The largest functions, in lines.
    pub(crate) largest: Top,
    /// The deepest nested ones.
    pub(crate) deepest: Top,
    pub(crate) unsafety: BTreeMap<Arc<str>, Unsafety>,
    pub(crate) failures: Vec<Failure>,
}

/// A file that could not be surveyed.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Failure {
    pub(crate) path: String,
    pub(crate) error: String,
}

impl Findings {
    /// Counts a file that was read.
    pub(crate) fn read(&mut self, text: &str) {
        self.files += 1;
        self.bytes += text.len() as u64;
        self.lines += text.lines().count();
    }

    /// Adds what was measured in a file.
    pub(crate) fn add(&mut self, file: &File, measured: Measured) {
        self.functions += measured.functions.len();
        for function in measured.functions {
            let place = |score| Place {
                score: Reverse(score),
                path: file.path.display().to_string(),
                line: function.line,
                name: function.name.clone(),
            };
            self.largest.offer(function.lines, place);
            self.deepest.offer(function.depth, place);
        }
        self.add_unsafe(&file.package, measured.unsafety);
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.lines += other.lines;
        self.functions += other.functions;
        other.largest.places.into_iter().for_each(|place| self.largest.insert(place));
        other.deepest.places.into_iter().for_each(|place| self.deepest.insert(place));
        other.unsafety.iter().for_each(|(package, &unsafety)| self.add_unsafe(package, unsafety));
        self.failures.extend(other.failures);
    }

    fn add_unsafe(&mut self, package: &Arc<str>, unsafety: Unsafety) {
        if unsafety != Unsafety::default() {
            let sum = self.unsafety.entry(Arc::clone(package)).or_default();
            *sum = *sum + unsafety;
        }
    }
}

/// The functions with the highest scores.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Top {
    places: Vec<Place>,
}

/// A function: highest score first, then by where it is.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) score: Reverse<usize>,
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) name: String,
}

impl Top {
    /// Makes the function's place only if it may be among them: most are not.
    fn offer(&mut self, score: usize, place: impl FnOnce(usize) -> Place) {
        if self.places.len() < TOP || self.places.last().is_some_and(|last| score >= last.score.0) {
            self.insert(place(score));
        }
    }

    fn insert(&mut self, place: Place) {
        let at = self.places.partition_point(|other| *other < place);
        self.places.insert(at, place);
        self.places.truncate(TOP);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Place> {
        self.places.iter()
    }
}
