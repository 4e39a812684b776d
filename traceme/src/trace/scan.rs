//! Which sections are in a chunk: mostly one, more if threads end. Each was written by one thread.

use std::collections::BTreeMap;

use super::index::Contents;
use super::seam;
use crate::record::name::Name;
use crate::record::wire::{self, MAX_DEPTH, Record};
use crate::sync::AtomicU64;

/// A part of a chunk that one thread wrote.
#[derive(Clone, Debug)]
pub(super) struct Section {
    /// The number of the thread.
    pub(super) thread: u64,
    pub(super) sequence: u64,
    pub(super) os_id: u32,
    pub(super) name: Name,
    pub(super) chunk: usize,
    /// The words behind the section's THREAD and OPEN records; behind the cut, if the recording begins at one.
    pub(super) from: usize,
    pub(super) to: usize,
    /// The base of its times, in ticks.
    pub(super) base: u64,
    /// The spans that were open: key and start in ticks, outermost first.
    pub(super) open: Vec<wire::Open>,
    /// Whether the section before it is there.
    pub(super) follows: bool,
}

/// What is found in the chunks.
pub(super) struct Scan<'a> {
    contents: Contents<'a>,
    /// By thread, in whatever order.
    pub(super) sections: BTreeMap<u64, Vec<Section>>,
    /// Words that belong to no section.
    pub(super) damaged: u64,
    /// Whether there are events that belong to no thread's track.
    pub(super) shared: bool,
}

impl<'a> Scan<'a> {
    pub(super) fn of(contents: Contents<'a>) -> Self {
        let mut scan = Self { contents, sections: BTreeMap::new(), damaged: 0, shared: false };
        for chunk in 0..contents.recorded.chunks.len() {
            scan.chunk(chunk);
        }
        scan
    }

    /// Finds the sections of a chunk. What the batches before have read of it isn't read again.
    fn chunk(&mut self, chunk: usize) {
        let (reader, words) = (&self.contents.recorded.chunks[chunk], self.contents.words(chunk));
        let cut = reader.start().words().min(words.len());
        let walk = self.contents.recorded.shared || !reader.has_one_section();
        let reached = self.contents.known.carried.reached(words).filter(|section| section.from <= cut).cloned();
        let Some(mut section) = reached.or_else(|| self.section(words, 0)) else {
            self.damaged += words.len() as u64;
            return;
        };
        loop {
            (section.chunk, section.to) = (chunk, words.len());
            let mut next = None;
            if walk {
                let (length, shared) = self.contents.extent(&words[section.from..], section.open.len());
                self.shared |= shared;
                next = self.section(words, section.from + length);
                section.to = if next.is_some() { section.from + length } else { section.to };
            }
            let found = if section.from < cut { seam::behind(self.contents, section, cut) } else { section };
            // What is before the cut was given away; but spans can be open where the thread goes on.
            if found.to > cut || next.is_none() && !found.open.is_empty() {
                self.sections.entry(found.thread).or_default().push(found);
            }
            let Some(next) = next else { return };
            section = next;
        }
    }

    /// The section that begins at word `at` of a chunk, if one does.
    fn section(&self, words: &[AtomicU64], at: usize) -> Option<Section> {
        let (Record::Thread { section, open }, used) = wire::read(words.get(at..)?)? else { return None };
        let sound = |(depth, open): (usize, &wire::Open)| {
            wire::depth_of(open.key) == depth && self.contents.knows(open.callsite)
        };
        let sound = open.len() <= MAX_DEPTH && open.iter().enumerate().all(sound);
        let wire::Section { thread, sequence, os_id, name, base } = *section;
        let (from, base) = (at + used, base.ticks);
        let section = Section { thread, sequence, os_id, name, chunk: 0, from, to: from, base, open, follows: true };
        sound.then_some(section)
    }
}
