//! Spans with their parents and children, made from the events of all tracks.
//!
//! A span's parent is the one that it began in, unless it outlived that: then it is the nearest span further out
//! that it did not outlive. Spans are kept in the order in which they began, so parents have smaller indexes.

use super::events::Events;
use super::flags::Flags;
use super::index::{Place, small};
use super::model::Trace;
use super::read::Event;
use super::track::{Track, TrackId};

/// A span, without what lies at its place.
#[derive(Debug)]
pub(super) struct SpanNode {
    pub(super) place: Place,
    pub(super) start: u64,
    /// Its end. Once it is settled and the end is not known: how far it can reach.
    end: u64,
    /// Whether its end is not known, but lies within that of the parent.
    within: bool,
    pub(super) track: u32,
    pub(super) depth: u32,
    pub(super) parent: Option<u32>,
    first_child: Option<u32>,
    next_sibling: Option<u32>,
    pub(super) flags: Flags,
}

/// An instant, without what lies at its place.
#[derive(Debug)]
pub(super) struct InstantNode {
    pub(super) place: Place,
    pub(super) ns: u64,
    pub(super) track: u32,
    pub(super) span: Option<u32>,
    /// The index of the first span that begins later.
    pub(super) before: u32,
}

/// The spans and instants of a trace.
#[derive(Debug, Default)]
pub(super) struct Forest {
    pub(super) spans: Vec<SpanNode>,
    pub(super) instants: Vec<InstantNode>,
    /// What was appended to which span, by span.
    appended: Vec<(u32, Place)>,
    /// Which task was made in which span.
    pub(super) spawned: Vec<(u64, u32)>,
    /// By track: the first span without a parent.
    roots: Vec<Option<u32>>,
}

impl SpanNode {
    pub(super) fn end(&self) -> Option<u64> {
        let ended = !self.flags.is_incomplete() && !self.flags.is_leaked();
        ended.then_some(self.end)
    }
}

impl Forest {
    pub(super) fn new(trace: &Trace) -> Self {
        let mut forest = Self::default();
        for track in trace.tracks() {
            let first = forest.spans.len();
            forest.read(trace, track);
            forest.settle(first);
        }
        forest.link(trace.tracks().len());
        forest.appended.sort_by_key(|&(span, _)| span);
        forest
    }

    /// Adds the spans and instants of a track.
    fn read(&mut self, trace: &Trace, track: &Track) {
        let (first, track_index) = (self.spans.len(), small(track.id.index()));
        // The open spans that what begins now begins in: none on a track of activities.
        let mut open: Vec<usize> = Vec::new();
        let nests = !track.kind.is_flat();
        let mut events = Events::new(trace.source(track.id));
        while let Some((event, place)) = events.next_placed() {
            match event {
                Event::Begin { ns, meta, .. } => {
                    let parent = open.last().map(|&span| small(span));
                    open.extend(nests.then_some(self.spans.len()));
                    self.spans.push(SpanNode {
                        place,
                        start: ns,
                        end: u64::MAX,
                        within: true,
                        track: track_index,
                        depth: 0,
                        parent,
                        first_child: None,
                        next_sibling: None,
                        flags: if meta.continues() { Flags::CONTINUES } else { Flags::NONE },
                    });
                }
                Event::End { ns, span, flags } => {
                    let Some(span) = usize::try_from(span).ok().map(|span| first + span) else { continue };
                    let at = open.iter().rposition(|&other| other == span);
                    if let Some(node) = self.spans.get_mut(span) {
                        (node.end, node.flags) = (ns, node.flags.with(flags));
                        node.within = flags.is_leaked() || flags.is_incomplete() && at.is_some();
                    }
                    open.truncate(at.unwrap_or(open.len()));
                }
                Event::Instant { ns, .. } => {
                    let span = open.last().map(|&span| small(span));
                    self.instants.push(InstantNode {
                        place,
                        ns,
                        track: track_index,
                        span,
                        before: small(self.spans.len()),
                    });
                }
                Event::Spawn { meta, .. } => {
                    let made = meta.task().zip(open.last());
                    self.spawned.extend(made.map(|(task, &span)| (task, small(span))));
                }
                Event::Append { span, .. } => {
                    let span = usize::try_from(span).map_or(usize::MAX, |span| first + span);
                    self.appended.push((small(span), place));
                }
                _ => {}
            }
        }
    }

    /// Gives the spans from `first` on parents that contain them.
    fn settle(&mut self, first: usize) {
        for index in first..self.spans.len() {
            let span = &self.spans[index];
            let (mut end, mut parent, mut flags) = (span.end, span.parent, span.flags);
            let began_in = parent;
            if span.within {
                end = parent.map_or(u64::MAX, |parent| self.spans[parent as usize].end);
            }
            while let Some(outer) = parent.map(|parent| &self.spans[parent as usize]).filter(|outer| outer.end < end) {
                parent = outer.parent;
            }
            if parent != began_in {
                flags = flags.with(Flags::OVERLAPPING);
            }
            let depth = parent.map_or(0, |parent| self.spans[parent as usize].depth + 1);
            let span = &mut self.spans[index];
            (span.end, span.parent, span.flags, span.depth) = (end, parent, flags, depth);
        }
    }

    /// Links the children of each span, and the roots of each track, in the order in which they began.
    fn link(&mut self, tracks: usize) {
        self.roots.resize(tracks, None);
        for index in (0..self.spans.len()).rev() {
            let (track, parent) = (self.spans[index].track, self.spans[index].parent);
            let first = match parent {
                Some(parent) => &mut self.spans[parent as usize].first_child,
                None => &mut self.roots[track as usize],
            };
            let next = first.replace(small(index));
            self.spans[index].next_sibling = next;
        }
    }

    /// The first span of a track that has no parent.
    pub(super) fn first_root(&self, track: TrackId) -> Option<u32> {
        self.roots.get(track.index()).copied().flatten()
    }

    pub(super) fn children(&self, span: usize) -> impl Iterator<Item = usize> + use<'_> {
        self.siblings(self.spans[span].first_child)
    }

    /// A span and those that follow it under the same parent.
    pub(super) fn siblings(&self, first: Option<u32>) -> impl Iterator<Item = usize> + use<'_> {
        std::iter::successors(first, |&span| self.spans[span as usize].next_sibling).map(|span| span as usize)
    }

    /// Where the metadata is that was appended to a span.
    pub(super) fn appended(&self, span: usize) -> impl Iterator<Item = Place> + use<'_> {
        let from = self.appended.partition_point(|&(other, _)| (other as usize) < span);
        self.appended[from..].iter().take_while(move |&&(other, _)| other as usize == span).map(|&(_, place)| place)
    }
}
