//! From events to figures.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::durations::Durations;
use super::names::Names;
use super::open::{OpenSpan, OpenSpans};
use super::summary::{CauseSummary, CounterSummary, LossSummary, NameCount, SpanSummary, Summary, TrackSummary, sum};
use crate::trace::{CallsiteId, Cause, Event, Flags, Read, Tables, Trace, Track, TrackId, TrackKind, Value};

impl Trace {
    /// Where the time went, by name. Decodes the recording; the spans are not kept.
    ///
    /// ```
    /// let session = traceme::Session::start(1)?;
    /// for _ in 0..3 {
    ///     traceme::trace_scope!("work");
    /// }
    /// let summary = session.stop().summary();
    /// assert_eq!(summary.span("work").map(|work| work.count), Some(3));
    /// assert!(summary.losses.is_empty());
    /// println!("{summary}");
    /// # Ok::<(), traceme::Error>(())
    /// ```
    pub fn summary(&self) -> Summary {
        Summary::of(self)
    }
}

impl Summary {
    /// The summary of anything that can be read.
    ///
    /// Each track is read once; one on which a span ends before another that began in it, once more, to know which
    /// spans leaked. Memory is taken for each name, not for each event: so names made at run time cost the more the
    /// more of them there are, some 300 bytes each. Besides, for the spans that are open at a time, and for the numbers
    /// of those of one track that leaked, if it is read twice.
    ///
    /// ```
    /// use traceme::{Trace, analysis::Summary};
    ///
    /// let nothing = Summary::of(&Trace::default());
    /// assert!(nothing.spans.is_empty() && nothing.losses.is_empty());
    /// ```
    pub fn of(recording: &impl Read) -> Self {
        let tables = recording.tables();
        let mut gatherer = Gatherer {
            recording,
            end: tables.duration,
            length: tables.duration.saturating_sub(tables.start),
            lost: lost_by_track(tables),
            spans: Names::new(),
            instants: Names::new(),
            recorded: 0,
        };
        let (mut tracks, mut counters) = (Vec::new(), Vec::new());
        for track in recording.tracks() {
            if let TrackKind::Counter { unit } = &track.kind {
                counters.extend(gatherer.counter(track, unit));
            } else {
                tracks.push(gatherer.track(track));
            }
        }
        tracks.sort_by_key(|track| Reverse(track.busy));
        let mut spans: Vec<_> = gatherer.spans.into_named().map(|(name, spans)| spans.summary(name)).collect();
        spans.sort_by(|a, b| (Reverse(a.self_time), &a.name).cmp(&(Reverse(b.self_time), &b.name)));
        Self {
            process: tables.process.clone(),
            duration: gatherer.length,
            spans,
            instants: most_first(gatherer.instants.into_named()),
            tracks,
            counters,
            missed_alerts: tables.missed_alerts,
            losses: losses(tables, gatherer.recorded + tables.losses.unmatched_ends()),
        }
    }
}

struct Gatherer<'a, R> {
    recording: &'a R,
    /// When the recording ends, in ns.
    end: u64,
    /// How long it is, in ns.
    length: u64,
    /// How many events each track has lost.
    lost: HashMap<TrackId, u64>,
    spans: Names<Spans>,
    instants: Names<u64>,
    recorded: u64,
}

/// What is gathered of the spans of one name.
#[derive(Debug, Default)]
struct Spans {
    count: u64,
    incomplete: u64,
    panicked: u64,
    failed: u64,
    alerted: u64,
    total: u64,
    self_time: u64,
    durations: Durations,
    /// How many are open on the track that is being read, and since when there are any.
    open: u64,
    since: u64,
}

impl Spans {
    fn begin(&mut self, ns: u64) {
        if self.open == 0 {
            self.since = ns;
        }
        self.open += 1;
        self.count += 1;
    }

    fn end(&mut self, start: u64, ns: u64, flags: Flags) {
        self.open -= 1;
        if self.open == 0 {
            self.total = self.total.saturating_add(ns.saturating_sub(self.since));
        }
        self.panicked += u64::from(flags.is_panicked());
        self.failed += u64::from(flags.is_failed());
        self.alerted += u64::from(flags.is_alerted());
        if flags.is_incomplete() || flags.is_leaked() {
            self.incomplete += 1;
        } else {
            self.durations.add(ns.saturating_sub(start));
        }
    }

    fn summary(mut self, name: String) -> SpanSummary {
        let [p50, p95, p99] = self.durations.percentiles([50, 95, 99]);
        SpanSummary {
            name,
            count: self.count,
            incomplete: self.incomplete,
            panicked: self.panicked,
            failed: self.failed,
            alerted: self.alerted,
            total: self.total,
            self_time: self.self_time,
            min: self.durations.min(),
            mean: self.durations.mean(),
            p50,
            p95,
            p99,
            max: self.durations.max(),
        }
    }
}

impl<R: Read> Gatherer<'_, R> {
    /// Reads a track that is not a counter's.
    fn track(&mut self, track: &Track) -> TrackSummary {
        let mut open = OpenSpans::default();
        let mut leaked = None;
        let (mut busy, mut spans, mut instants, mut last) = (0_u64, 0, 0, 0);
        for event in self.recording.events(track.id) {
            match event {
                Event::Begin { ns, span, meta } => {
                    busy = busy.saturating_add(self.pass(&open, last, ns));
                    let name = self.spans.place(&meta);
                    self.spans.items[name].begin(ns);
                    open.begin(span, name, ns);
                    (spans, last) = (spans + u64::from(!meta.continues()), ns);
                }
                Event::End { ns, span, flags } => {
                    busy = busy.saturating_add(self.pass(&open, last, ns));
                    last = ns;
                    // An activity can end anywhere: that is an event of its own.
                    self.recorded += u64::from(track.kind == TrackKind::Activity && !flags.is_incomplete());
                    if let Some(ended) = open.end_top(span) {
                        self.end(ended, ns, flags);
                        continue;
                    }
                    // Rare: so it doesn't matter that the track is read once more.
                    let leaked = leaked.get_or_insert_with(|| leaked_spans(self.recording, track.id));
                    let mut flags = flags;
                    for ended in open.end_other(span, leaked) {
                        self.end(ended, ns, flags);
                        flags = Flags::LEAKED;
                    }
                }
                Event::Instant { meta, .. } => {
                    let name = self.instants.place(&meta);
                    self.instants.items[name] += 1;
                    instants += 1;
                }
                Event::Append { .. } => self.recorded += 1,
                Event::Counter { .. } | Event::Gap { .. } => {}
            }
        }
        // None is left, unless the recording doesn't end what it begins.
        let end = self.end.max(last);
        busy = busy.saturating_add(self.pass(&open, last, end));
        open.end_all().for_each(|left| self.end(left, end, Flags::INCOMPLETE));
        self.recorded += spans + instants;
        TrackSummary {
            name: track.name.clone(),
            kind: track.kind.clone(),
            busy,
            utilisation: if self.length == 0 { 0.0 } else { busy as f64 / self.length as f64 },
            spans,
            instants,
            lost: self.lost.get(&track.id).copied().unwrap_or(0),
        }
    }

    /// Gives the time from `from` to `to` to the innermost open span; returns it, or 0 if none is open.
    #[inline]
    fn pass(&mut self, open: &OpenSpans, from: u64, to: u64) -> u64 {
        let Some(innermost) = open.innermost() else { return 0 };
        let time = to.saturating_sub(from);
        let self_time = &mut self.spans.items[innermost.name].self_time;
        *self_time = self_time.saturating_add(time);
        time
    }

    fn end(&mut self, span: OpenSpan, ns: u64, flags: Flags) {
        self.spans.items[span.name].end(span.start, ns, flags);
    }

    /// Reads the track of a counter; `None` if it has no samples.
    fn counter(&mut self, track: &Track, unit: &str) -> Option<CounterSummary> {
        let samples = self.recording.events(track.id).filter_map(|event| match event {
            Event::Counter { ns, meta } => Some((ns, number(meta.value())?)),
            _ => None,
        });
        let (mut count, mut min, mut max, mut sum) = (0, f64::INFINITY, f64::NEG_INFINITY, 0.0);
        // What the samples add up to over time, and the time itself.
        let (mut area, mut time) = (0.0, 0_u64);
        let mut last: Option<(u64, f64)> = None;
        let mut hold = |last: Option<(u64, f64)>, until: u64| {
            let Some((ns, value)) = last.filter(|&(ns, _)| ns < until) else { return };
            area += value * (until - ns) as f64;
            time = time.saturating_add(until - ns);
        };
        for (ns, value) in samples {
            hold(last, ns);
            last = Some((ns, value));
            (count, sum, min, max) = (count + 1, sum + value, value.min(min), value.max(max));
        }
        hold(last, self.end);
        self.recorded += count;
        last.map(|(_, last)| CounterSummary {
            name: track.name.clone(),
            unit: unit.into(),
            samples: count,
            min,
            max,
            mean: if time == 0 { sum / count as f64 } else { area / time as f64 },
            last,
        })
    }
}

/// The numbers of the spans of a track that leaked.
fn leaked_spans(recording: &impl Read, track: TrackId) -> HashSet<u64> {
    let leaked = |event| match event {
        Event::End { span, flags, .. } if flags.is_leaked() => Some(span),
        _ => None,
    };
    recording.events(track).filter_map(leaked).collect()
}

fn number(value: Value<'_>) -> Option<f64> {
    match value {
        Value::U64(number) => Some(number as f64),
        Value::I64(number) => Some(number as f64),
        Value::U128(number) => Some(number as f64),
        Value::I128(number) => Some(number as f64),
        Value::F64(number) => Some(number).filter(|number| !number.is_nan()),
        _ => None,
    }
}

fn most_first(names: impl Iterator<Item = (String, u64)>) -> Vec<NameCount> {
    let mut all: Vec<_> = names.map(|(name, count)| NameCount { name, count }).collect();
    all.sort_by(|a, b| (Reverse(a.count), &a.name).cmp(&(Reverse(b.count), &b.name)));
    all
}

fn lost_by_track(tables: &Tables) -> HashMap<TrackId, u64> {
    let mut lost: HashMap<TrackId, u64> = HashMap::new();
    for loss in tables.losses.iter() {
        if let Some(track) = loss.track {
            let count = lost.entry(track).or_default();
            *count = count.saturating_add(loss.count);
        }
    }
    lost
}

fn losses(tables: &Tables, recorded: u64) -> LossSummary {
    let mut causes: BTreeMap<Cause, BTreeMap<String, u64>> = BTreeMap::new();
    for loss in tables.losses.iter() {
        let name = callsite_name(tables, loss.callsite);
        let count = causes.entry(loss.cause).or_default().entry(name).or_default();
        *count = count.saturating_add(loss.count);
    }
    let mut causes: Vec<_> = causes
        .into_iter()
        .map(|(cause, names)| CauseSummary {
            cause,
            count: sum(names.values().copied()),
            callsites: most_first(names.into_iter()),
        })
        .collect();
    causes.sort_by_key(|cause| (Reverse(cause.count), cause.cause));
    LossSummary {
        recorded,
        lost: tables.losses.total(),
        causes,
        late: tables.losses.late(),
        damaged_words: tables.losses.damaged_words(),
        missing_sections: tables.losses.missing_sections(),
        unmatched_ends: tables.losses.unmatched_ends(),
    }
}

fn callsite_name(tables: &Tables, id: Option<CallsiteId>) -> String {
    match id.and_then(|id| tables.callsite(id)) {
        None => "unknown callsite".into(),
        Some(callsite) if callsite.name.is_empty() => format!("{}:{}", callsite.file, callsite.line),
        Some(callsite) => callsite.name.clone(),
    }
}
