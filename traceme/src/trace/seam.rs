//! Where a recording begins in the midst of a section, because what is before was given away.

use super::index::{Contents, Section};
use crate::record::value::load;
use crate::record::wire::{self, Open, Record};

/// The part of a section behind the word `cut`, which is not before its first records: with the base that times have there,
/// and the spans that are open there.
pub(super) fn behind(contents: Contents<'_>, mut section: Section, cut: usize) -> Section {
    let cut = cut.min(section.to);
    let words = contents.words(section.chunk).get(section.from..cut).unwrap_or_default();
    let Section { sequence, base, open, .. } = &mut section;
    let mut rest = words;
    while let Some((record, used)) = wire::read(rest).filter(|(record, _)| contents.fits(record, open.len())) {
        let time = rest.first().map_or(0, |head| wire::time_of(load(head)));
        match record {
            Record::Begin { id, .. } => {
                let at = wire::place(*sequence, cut - rest.len());
                open.push(Open { callsite: id, key: wire::key(0, open.len(), at), start: base.wrapping_add(time) });
            }
            Record::End => drop(open.pop()),
            Record::EndAt { depth, .. } => open.truncate(depth),
            Record::Clock { base: anchor } => *base = anchor.ticks,
            _ => {}
        }
        rest = &rest[used..];
    }
    section.from = cut;
    section
}
