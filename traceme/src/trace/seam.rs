//! Where a recording begins or ends in the midst of a section, because what is before was given away.

use super::index::Contents;
use super::scan::Section;
use crate::record::value::load;
use crate::record::wire::{self, Open, Record};
use crate::sync::AtomicU64;

/// What a chunk is told from all others of its session by: the thread that took it, and the number of that one's section.
pub(super) type ChunkName = (u64, u64);

/// The name of the chunk that begins with these words.
pub(super) fn name_of(words: &[AtomicU64]) -> Option<ChunkName> {
    let [head, thread, ..] = words else { return None };
    Some((load(thread), wire::time_of(load(head))))
}

/// The part of a section behind the word `cut`, which is not before its first records: with the base that times have there,
/// and the spans that are open there.
pub(super) fn behind(contents: Contents<'_>, mut section: Section, cut: usize) -> Section {
    let cut = cut.min(section.to);
    go_on(contents, &mut section, cut);
    section.from = cut;
    section
}

/// The same of what may come behind the end of a section; `None` if that is damaged.
pub(super) fn behind_end(contents: Contents<'_>, section: &Section) -> Option<Section> {
    let mut end = section.clone();
    go_on(contents, &mut end, section.to);
    (end.from == section.to).then_some(end)
}

/// Goes on to the word `to`, or to the first record before it that no thread can have written.
fn go_on(contents: Contents<'_>, section: &mut Section, to: usize) {
    let mut rest = contents.words(section.chunk).get(section.from..to).unwrap_or_default();
    let Section { sequence, base, open, .. } = &mut *section;
    while let Some((record, used)) = wire::read(rest).filter(|(record, _)| contents.fits(record, open.len())) {
        let time = wire::time_in(rest);
        match record {
            Record::Begin { id, values, .. } => {
                let key = wire::key(0, open.len(), wire::place(*sequence, to - rest.len()));
                let (start, task) = (base.wrapping_add(time), values.task().unwrap_or(0));
                open.push(Open { callsite: id, key, start, task });
            }
            Record::End => drop(open.pop()),
            Record::EndAt { depth, .. } => open.truncate(depth),
            Record::Clock { base: anchor } => *base = anchor.ticks,
            _ => {}
        }
        rest = &rest[used..];
    }
    section.from = to - rest.len();
}
