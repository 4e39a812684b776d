//! A trace as indented text, one line an item: for tests to compare, and for a quick look.

use std::collections::BTreeMap;
use std::fmt;

use super::losses::Loss;
use super::meta::FlowEnd;
use super::model::Trace;
use super::read::{Event, Read};
use super::track::{Track, TrackId, TrackKind};
use super::view::{Instant, Span};
use crate::record::loss::Cause;
use crate::record::value::Value;

/// Prints a trace as indented text; made by [`Trace::text`].
#[derive(Clone, Copy, Debug)]
pub struct TraceText<'t> {
    trace: &'t Trace,
    times: bool,
}

impl Trace {
    /// The trace as indented text: tracks by name, each with its spans, and what was lost at the end.
    ///
    /// It is the same for two runs that do the same, whatever the times and the numbers of threads and processes.
    ///
    /// ```
    /// let session = traceme::Session::start(2)?;
    /// {
    ///     traceme::trace_scope!("outer", meta(n = 3));
    ///     traceme::instant!("half way", level = 1);
    /// }
    /// let text = session.stop().text().to_string();
    /// assert!(text.ends_with("  outer n=3\n    * half way\n"), "{text}");
    /// # Ok::<(), traceme::Error>(())
    /// ```
    pub fn text(&self) -> TraceText<'_> {
        TraceText { trace: self, times: false }
    }
}

impl TraceText<'_> {
    /// Whether to print when things happened, in ns. Not by default.
    #[must_use]
    pub fn times(self, times: bool) -> Self {
        Self { times, ..self }
    }
}

/// Flows by id, numbered as they first appear: their ids differ from run to run.
type Flows = BTreeMap<u64, usize>;

/// What stands on a line below a track.
#[derive(Clone, Copy)]
enum Item<'t> {
    Span(Span<'t>),
    Instant(Instant<'t>),
}

impl Item<'_> {
    /// Sorts the items of one parent as they came.
    fn order(self) -> (usize, bool) {
        match self {
            Self::Instant(instant) => (instant.before(), false),
            Self::Span(span) => (span.index(), true),
        }
    }
}

/// The instants of each span; those outside of spans by their track.
type Instants<'t> = BTreeMap<(TrackId, Option<usize>), Vec<Instant<'t>>>;

impl<'t> TraceText<'t> {
    fn track(
        self,
        f: &mut fmt::Formatter<'_>,
        track: &'t Track,
        instants: &Instants<'t>,
        flows: &mut Flows,
    ) -> fmt::Result {
        let kind = match &track.kind {
            TrackKind::Thread { .. } => "thread",
            TrackKind::Counter { .. } => "counter",
            TrackKind::Activity => "activity",
            TrackKind::Task => "task",
            TrackKind::Device { .. } => "device",
        };
        write!(f, "{kind} {}", Line(&track.name))?;
        match &track.kind {
            TrackKind::Counter { unit } if !unit.is_empty() => writeln!(f, " [{}]", Line(unit))?,
            _ => writeln!(f)?,
        }
        self.items(f, track, instants, flows)?;
        for event in self.trace.events(track.id) {
            if let Event::Counter { ns, meta } = event {
                writeln!(f, "  {}= {}", self.time(ns, Some(ns)), Plain(meta.value()))?;
            }
        }
        Ok(())
    }

    /// Prints spans and instants. Not by recursion: the depth is what the recording says.
    fn items(
        self,
        f: &mut fmt::Formatter<'_>,
        track: &'t Track,
        instants: &Instants<'t>,
        flows: &mut Flows,
    ) -> fmt::Result {
        let push = |to: &mut Vec<(usize, Item<'t>)>, depth, spans: &mut dyn Iterator<Item = Span<'t>>, parent| {
            let instants = instants.get(&(track.id, parent)).into_iter().flatten().copied().map(Item::Instant);
            let mut items: Vec<Item<'t>> = instants.chain(spans.map(Item::Span)).collect();
            items.sort_by_key(|item| item.order());
            to.extend(items.into_iter().rev().map(|item| (depth, item)));
        };
        let mut left = Vec::new();
        push(&mut left, 1, &mut self.trace.roots(track.id), None);
        while let Some((depth, item)) = left.pop() {
            write!(f, "{:width$}", "", width = depth * 2)?;
            match item {
                Item::Instant(instant) => {
                    let time = self.time(instant.time(), Some(instant.time()));
                    write!(f, "{time}* {}", Line(&instant.name().to_str()))?;
                    args(f, instant.args())?;
                    ends(f, instant.flows(), flows)?;
                }
                Item::Span(span) => {
                    write!(f, "{}{}", self.time(span.start(), span.end()), Line(&span.name().to_str()))?;
                    args(f, span.args())?;
                    ends(f, span.flows(), flows)?;
                    let poll = span.poll_of().map(|_| "poll");
                    let flags: Vec<_> = poll.into_iter().chain(span.flags().names()).collect();
                    if !flags.is_empty() {
                        write!(f, " ({})", flags.join(", "))?;
                    }
                    push(&mut left, depth + 1, &mut span.children(), Some(span.index()));
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }

    fn losses(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let losses = self.trace.losses();
        let mut lines: Vec<String> = losses.iter().map(|loss| self.loss(loss)).collect();
        lines.sort();
        lines.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        let rest = [
            ("late", losses.late()),
            ("damaged words", losses.damaged_words()),
            ("missing sections", losses.missing_sections()),
            ("unmatched ends", losses.unmatched_ends()),
            ("missed alerts", self.trace.missed_alerts()),
        ];
        rest.iter().filter(|(_, count)| *count > 0).try_for_each(|(name, count)| writeln!(f, "{name}: {count}"))
    }

    fn loss(self, loss: &Loss) -> String {
        let callsite = loss.callsite.and_then(|id| self.trace.tables().callsite(id));
        let callsite = callsite.map_or("unknown callsite", |callsite| callsite.name.as_str());
        let track = loss.track.and_then(|track| self.trace.tracks().get(track.index()));
        let track = track.map_or("unknown thread", |track| track.name.as_str());
        let time = self.time(loss.first, Some(loss.last));
        let (callsite, track) = (Line(callsite), Line(track));
        match loss.cause {
            // On purpose: when, isn't known.
            Cause::Sampled => format!("left out by sampling: {} of {callsite} on {track}", loss.count),
            cause => format!("lost {time}{} of {callsite} on {track}: {cause}", loss.count),
        }
    }

    fn time(self, start: u64, end: Option<u64>) -> String {
        match end {
            _ if !self.times => String::new(),
            Some(end) if end == start => format!("[{start}] "),
            Some(end) => format!("[{start}..{end}] "),
            None => format!("[{start}..] "),
        }
    }
}

impl fmt::Display for TraceText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut instants = Instants::new();
        for instant in self.trace.instants() {
            let parent = instant.span().map(Span::index);
            instants.entry((instant.track().id, parent)).or_default().push(instant);
        }
        let mut tracks: Vec<&Track> = self.trace.tracks().iter().collect();
        // Stable: tracks of one name stay in order.
        tracks.sort_by(|a, b| a.name.cmp(&b.name));
        let mut flows = Flows::new();
        tracks.into_iter().try_for_each(|track| self.track(f, track, &instants, &mut flows))?;
        self.losses(f)
    }
}

fn args<'t>(f: &mut fmt::Formatter<'_>, mut args: impl Iterator<Item = (&'t str, Value<'t>)>) -> fmt::Result {
    args.try_for_each(|(key, value)| write!(f, " {}={}", Line(key), Plain(value)))
}

fn ends(f: &mut fmt::Formatter<'_>, mut ends: impl Iterator<Item = FlowEnd>, flows: &mut Flows) -> fmt::Result {
    ends.try_for_each(|end| {
        let (arrow, id) = match end {
            FlowEnd::Out(id) => ("->", id),
            FlowEnd::In(id) => ("<-", id),
        };
        let next = flows.len() + 1;
        write!(f, " {arrow} #{}", flows.entry(id).or_insert(next))
    })
}

/// A name as it is, or quoted if it would break the line.
struct Line<'a>(&'a str);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(char::is_control) { write!(f, "{:?}", self.0) } else { f.write_str(self.0) }
    }
}

/// A value as a person would write it.
struct Plain<'a>(Value<'a>);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut = |cut| if cut { "…" } else { "" };
        match self.0 {
            Value::None => f.write_str("none"),
            Value::U64(number) => write!(f, "{number}"),
            Value::I64(number) => write!(f, "{number}"),
            Value::U128(number) => write!(f, "{number}"),
            Value::I128(number) => write!(f, "{number}"),
            Value::F64(number) => write!(f, "{number:?}"),
            Value::Bool(truth) => write!(f, "{truth}"),
            Value::Char(char) => write!(f, "{char:?}"),
            Value::Str(text) => write!(f, "{text:?}{}", cut(text.is_cut())),
            Value::Pointer(address) => write!(f, "{address:#x}"),
            Value::Duration(duration) => write!(f, "{duration:?}"),
            Value::Numbers(numbers) => {
                let items: Vec<String> = numbers.iter().map(|number| Plain(number).to_string()).collect();
                write!(f, "[{}]{}", items.join(", "), cut(numbers.is_cut()))
            }
        }
    }
}
