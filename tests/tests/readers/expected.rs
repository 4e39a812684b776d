//! What a reader should show of a trace, worked out from the trace alone.

use std::collections::BTreeMap;
use std::time::Duration;

use traceme::Trace;
use traceme::callsite::Callsite;
use traceme::trace::{FlowEnd, Read, Span, TrackKind, Value};

use crate::processor::Cell;

/// Slices inside each other go to a further row beyond this depth.
const LEVELS: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Format {
    Perfetto,
    Chrome,
}

/// A slice; instants are slices without length.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Slice {
    /// The thread or device, without the number of an extra row.
    pub(crate) track: String,
    pub(crate) ts: i64,
    pub(crate) dur: i64,
    pub(crate) name: String,
    pub(crate) category: String,
    /// The name and the time of the slice around it; `None` if that is not to be compared.
    pub(crate) parent: Option<Option<(String, i64)>>,
    pub(crate) args: BTreeMap<String, (String, Cell)>,
}

/// Sorts slices, to be compared.
pub(crate) fn sorted(mut slices: Vec<Slice>) -> Vec<Slice> {
    slices.sort_by_cached_key(|slice| {
        format!("{} {:020} {:?}", slice.track, slice.ts, (&slice.name, slice.dur, &slice.args))
    });
    slices
}

fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap()
}

/// What readers with signed integers make of an unsigned one.
fn signed(number: u64) -> i64 {
    i64::from_ne_bytes(number.to_ne_bytes())
}

/// Whether other callsites have its name.
pub(crate) fn shares_name(trace: &Trace, callsite: &Callsite) -> bool {
    let others = trace.tables().callsites().filter(|other| other.name == callsite.name);
    !callsite.name.is_empty() && others.count() > 1
}

impl Format {
    /// The time of 0 in the reader.
    fn zero(self, trace: &Trace) -> i64 {
        if self == Self::Perfetto { int(trace.clock().monotonic_ns) } else { 0 }
    }

    /// All slices but those of what was lost.
    pub(crate) fn slices(self, trace: &Trace) -> Vec<Slice> {
        let zero = self.zero(trace);
        let mut starts = BTreeMap::new();
        for span in trace.spans() {
            *starts.entry((span.track().id, span.start())).or_insert(0) += 1;
        }
        let spans = trace.spans().map(|span| {
            let end = drawn_end(span);
            let dur = match self {
                Self::Perfetto => end.map_or(-1, |end| int(end - span.start())),
                Self::Chrome => int(end.unwrap_or(trace.duration()) - span.start()),
            };
            // JSON has only times to tell what is inside what.
            let is_clear = self == Self::Perfetto || dur > 0 && starts[&(span.track().id, span.start())] == 1;
            let parent = span.parent().filter(|_| level(span) > 0);
            let parent = parent.map(|parent| (self.text(&parent.name().to_str()), zero + int(parent.start())));
            let mut args = self.args(span.args());
            let flags: Vec<_> = span.flags().names().collect();
            if !flags.is_empty() {
                args.extend([self.arg("traceme_flags", Value::Str(flags.join(", ").as_str().into()))]);
            }
            args.extend(self.origin(trace, span.callsite()));
            Slice {
                track: self.text(&track(trace, span.track())),
                ts: zero + int(span.start()),
                dur,
                name: self.text(&span.name().to_str()),
                category: span.callsite().map_or("default", |callsite| &callsite.category).into(),
                parent: is_clear.then_some(parent),
                args,
            }
        });
        let instants = trace.instants().map(|instant| Slice {
            track: self.text(&track(trace, instant.track())),
            ts: zero + int(instant.time()),
            dur: 0,
            name: self.text(&instant.name().to_str()),
            category: instant.callsite().map_or("default", |callsite| &callsite.category).into(),
            parent: None,
            args: self.args(instant.args()).into_iter().chain(self.origin(trace, instant.callsite())).collect(),
        });
        sorted(spans.chain(instants).collect())
    }

    /// Where an event comes from, if other callsites have its name.
    fn origin(self, trace: &Trace, callsite: Option<&Callsite>) -> Vec<(String, (String, Cell))> {
        let Some(callsite) = callsite.filter(|callsite| shares_name(trace, callsite)) else { return Vec::new() };
        match self {
            Self::Chrome => {
                let place = format!("{}:{}", callsite.file, callsite.line);
                vec![self.arg("callsite", Value::Str(place.as_str().into()))]
            }
            Self::Perfetto => {
                let string = |text: &str| ("string".into(), Cell::Str(text.into()));
                vec![
                    ("source.file_name".into(), string(&callsite.file)),
                    ("source.function_name".into(), string(&callsite.module)),
                    ("source.line_number".into(), ("uint".into(), Cell::Int(callsite.line.into()))),
                ]
            }
        }
    }

    /// The gaps that losses are: an instant each, on the row of its thread if that is known.
    pub(crate) fn gaps(self, trace: &Trace) -> Vec<Slice> {
        let gaps = trace.losses().iter().map(|loss| {
            let callsite = trace.tables().callsite(loss.callsite.unwrap()).unwrap();
            let name = match callsite.name.as_str() {
                "" => format!("{}:{}", callsite.file, callsite.line),
                name => name.into(),
            };
            let args = [
                ("count", Value::U64(loss.count)),
                ("cause", Value::Str(loss.cause.name().into())),
                ("for", Value::Duration(Duration::from_nanos(loss.last - loss.first))),
                ("callsite", Value::Str(name.as_str().into())),
            ];
            Slice {
                track: loss.track.map_or("lost events".into(), |id| track(trace, &trace.tracks()[id.index()])),
                ts: self.zero(trace) + int(loss.first),
                dur: 0,
                name: format!("gap: {}", loss.cause),
                category: "default".into(),
                parent: None,
                args: self.args(args.into_iter()),
            }
        });
        sorted(gaps.collect())
    }

    /// The samples of counters: track, time, value.
    pub(crate) fn samples(self, trace: &Trace) -> Vec<Vec<Cell>> {
        let samples = trace.counters().map(|sample| {
            let mut name = self.text(&sample.track().name);
            if let (Self::Chrome, TrackKind::Counter { unit, .. }) = (self, &sample.track().kind) {
                // There a counter can have several series.
                name += if unit.is_empty() { " value" } else { " " };
                name += &self.text(unit);
            }
            #[expect(clippy::cast_precision_loss, reason = "that is how readers keep samples")]
            let value = match sample.value() {
                Value::U64(number) => number as f64,
                Value::I64(number) => number as f64,
                Value::F64(number) => number,
                other => panic!("{other:?}"),
            };
            let value = if value.is_finite() { Cell::Float(value) } else { Cell::Null };
            vec![Cell::Str(name), Cell::Int(self.zero(trace) + int(sample.time())), value]
        });
        samples.collect()
    }

    /// The arrows, each from one span's name and start to another's.
    pub(crate) fn flows(self, trace: &Trace) -> Vec<Vec<Cell>> {
        let mut ends: BTreeMap<u64, Vec<(i64, bool, String)>> = BTreeMap::new();
        for span in trace.spans() {
            for end in span.flows() {
                let (FlowEnd::Out(id) | FlowEnd::In(id)) = end else { panic!("{end:?}") };
                let is_out = matches!(end, FlowEnd::Out(_));
                let start = self.zero(trace) + int(span.start());
                ends.entry(id).or_default().push((start, is_out, self.text(&span.name().to_str())));
            }
        }
        let mut flows = Vec::new();
        let mut arrow = |from: &(i64, bool, String), to: &(i64, bool, String)| {
            let cells = [from, to].map(|(ts, _, name)| [Cell::Str(name.clone()), Cell::Int(*ts)]);
            flows.push(cells.concat());
        };
        for ends in ends.values_mut() {
            if self == Self::Perfetto {
                // A chain.
                ends.sort();
                ends.windows(2).for_each(|pair| arrow(&pair[0], &pair[1]));
            } else if let Some(place) = ends.iter().position(|(_, is_out, _)| *is_out) {
                // From the first event that it leaves to all later ones.
                let first = ends.remove(place);
                ends.iter().filter(|(ts, ..)| *ts >= first.0).for_each(|end| arrow(&first, end));
            }
        }
        flows.sort_by_cached_key(|flow| format!("{flow:?}"));
        flows
    }

    fn args<'a>(self, args: impl Iterator<Item = (&'a str, Value<'a>)>) -> BTreeMap<String, (String, Cell)> {
        let mut all = BTreeMap::new();
        for (key, value) in args {
            if let Value::Numbers(numbers) = value {
                let items = numbers.iter().enumerate();
                all.extend(items.map(|(at, number)| {
                    let (key, value) = self.arg(key, number);
                    (format!("{key}[{at}]"), value)
                }));
            } else {
                all.extend([self.arg(key, value)]);
            }
        }
        all
    }

    /// The key, the type and the value of metadata.
    fn arg(self, key: &str, value: Value<'_>) -> (String, (String, Cell)) {
        let key = match self {
            Self::Perfetto => format!("debug.{}", self.text(key).replace(['.', '[', ']'], "_")),
            Self::Chrome => format!("args.{}", self.text(key)),
        };
        let string = |text: &str| ("string", Cell::Str(self.text(text)));
        let is_exact = |number: u64| self == Self::Perfetto || number <= 1 << 53;
        let uint = if self == Self::Perfetto { "uint" } else { "int" };
        let (kind, cell) = match value {
            Value::U64(number) if is_exact(number) => (uint, Cell::Int(signed(number))),
            Value::I64(number) if is_exact(number.unsigned_abs()) => ("int", Cell::Int(number)),
            Value::U64(number) => string(&number.to_string()),
            Value::I64(number) => string(&number.to_string()),
            Value::Bool(truth) => ("bool", Cell::Int(truth.into())),
            Value::F64(number) if number.is_finite() => ("real", Cell::Float(number)),
            Value::F64(number) if self == Self::Perfetto && number.is_nan() => ("real", Cell::Null),
            Value::F64(number) if self == Self::Perfetto => ("real", Cell::Float(number)),
            Value::F64(number) if number.is_nan() => string("NaN"),
            Value::F64(number) => string(if number > 0.0 { "Infinity" } else { "-Infinity" }),
            Value::Str(text) => string(&text.to_str()),
            Value::Char(char) => string(&char.to_string()),
            Value::Pointer(address) if self == Self::Perfetto => ("pointer", Cell::Int(signed(address))),
            Value::Pointer(address) => string(&format!("{address:#x}")),
            Value::Duration(time) => {
                return (format!("{key}_ns"), (uint.into(), Cell::Int(time.as_nanos().try_into().unwrap())));
            }
            Value::U128(number) => string(&number.to_string()),
            Value::I128(number) => string(&number.to_string()),
            Value::None => string("none"),
            other => panic!("{other:?}"),
        };
        (key, (kind.into(), cell))
    }

    /// How the reader shows a text.
    fn text(self, text: &str) -> String {
        match self {
            Self::Perfetto => text.split('\0').next().unwrap().into(),
            Self::Chrome => {
                // It undoes escapes only in strings with a quote.
                let json = serde_json::to_string(text).unwrap();
                let json = &json[1..json.len() - 1];
                match text.strip_suffix('\\') {
                    _ if json.contains("\\\"") => text.split('\0').next().unwrap().into(),
                    Some(_) => format!("{}\\u005c", json.strip_suffix(r"\\").unwrap()),
                    None => json.into(),
                }
            }
        }
    }
}

/// The name of a track with those that it belongs to.
fn track(trace: &Trace, track: &traceme::trace::Track) -> String {
    match track.parent {
        Some(parent) => format!("{} / {}", self::track(trace, &trace.tracks()[parent.index()]), track.name),
        None => track.name.clone(),
    }
}

/// When a span ends, if it does: one that leaked is drawn as far as the span around it.
pub(crate) fn drawn_end(span: Span<'_>) -> Option<u64> {
    if span.flags().is_leaked() { span.parent().and_then(drawn_end) } else { span.end() }
}

/// How many slices are around that of a span, on its row.
fn level(mut span: Span<'_>) -> usize {
    let mut level = 0;
    while let (false, Some(parent)) = (span.flags().is_overlapping(), span.parent()) {
        (level, span) = (level + 1, parent);
    }
    level % LEVELS
}
