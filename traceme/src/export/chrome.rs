//! Chrome's JSON: what `chrome://tracing`, Perfetto, the Firefox Profiler, speedscope and Chrome's DevTools read.
//!
//! The format is described in "Trace Event Format" (Google, 2016). Where readers disagree with it or with each other,
//! this is written so that all of them show the same:
//!
//! | what | becomes |
//! |---|---|
//! | span | `X`, with a duration, parents before children; on a row of its own if it outlives the span it began in |
//! | instant | `I` of its thread: DevTools doesn't show `i`; `X` without length if it has a flow, which needs a slice |
//! | sample | `C`; the series is called like the unit |
//! | task | as a span, on a row of its own; where it was made, `X` without length, from which a flow goes through its polls |
//! | flow | `s` where it first leaves, `f` where it arrives, bound to the slice around it |
//! | thread, process, extra row | `M` |
//! | what was lost | by cause, `X` on the row "lost events"; each gap, `I` on its thread's row |
//!
//! Times are microseconds since the session's start with three decimals, so exact.

use std::io::{self, Write};

use super::args;
use super::json;
use super::lanes::{Drawn, Lanes};
use super::origins::Origins;
use super::out::Out;
use super::rows::{Hole, Lost, Rows, full_name, lane_name, lost};
use super::whole::{Step, Whole, WholeSpan};
use crate::category::Category;
use crate::instrument::costs;
use crate::trace::{Event, Flags, FlowEnd, Ids, Meta, Read, Track, TrackId, TrackKind, Value};

/// Writes a recording as Chrome's JSON.
///
/// It is written as it is read, in memory that grows with what is open at one time (a forgotten guard's span is open to
/// the end), not with its length; but a bit for each task and each flow, and an entry for each flow of a name. The first call in a process may [measure costs](crate::export#costs) for some 15 ms.
///
/// ```
/// let session = traceme::Session::start(1)?;
/// {
///     traceme::trace_scope!("work", meta(n = 3));
/// }
/// let trace = session.stop();
/// let mut json = Vec::new();
/// traceme::export::chrome(&trace, &mut json)?;
/// let json = String::from_utf8(json)?;
/// assert!(json.contains(r#""name":"work""#) && json.contains(r#""args":{"n":3}"#), "{json}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Those of `out`.
pub fn chrome<R: Read>(recording: &R, out: impl Write) -> io::Result<()> {
    let tables = recording.tables();
    let mut chrome = Chrome {
        out: Out::new(out),
        rows: Rows::new(tables),
        heads: Vec::new(),
        origins: Origins::of(tables),
        holes: Vec::new(),
        begun: Ids::default(),
        tasks: tasks(recording),
        events: 0,
    };
    chrome
        .out
        .bytes
        .extend_from_slice(b"{\"displayTimeUnit\":\"ns\",\"otherData\":{\"writer\":\"traceme\",\"wall_ns\":\"");
    json::integer(&mut chrome.out.bytes, tables.clock.wall_ns);
    if let Some(costs) = costs::known_in(tables.process.pid) {
        let costs =
            format!("\",\"span_costs_ns\":\"{:.1}\",\"instant_costs_ns\":\"{:.1}", costs.span_ns, costs.instant_ns);
        chrome.out.bytes.extend_from_slice(costs.as_bytes());
    }
    chrome.out.bytes.extend_from_slice(b"\"},\"traceEvents\":[");
    let process = if tables.process.name.is_empty() { "traceme" } else { &tables.process.name };
    chrome.name("process_name", 0, process);
    let mut rows = Vec::new();
    for track in recording.tracks() {
        rows.push(chrome.track(recording, track)?);
    }
    let holes = std::mem::take(&mut chrome.holes);
    if let Some(Lost { trace, totals, gaps }) = lost(recording, &holes) {
        // Its events have no callsites; those that are known so far are other ones.
        chrome.track(&trace, &trace.tracks()[totals.index()])?;
        for (track, gaps) in gaps {
            chrome.instants(&trace, gaps, &rows[track.index()])?;
        }
    }
    chrome.out.bytes.extend_from_slice(b"\n]}\n");
    chrome.out.finish()
}

struct Chrome<W> {
    out: Out<W>,
    rows: Rows,
    /// By callsite: the members of an event that say its name and category.
    heads: Vec<Vec<u8>>,
    origins: Origins,
    holes: Vec<Hole>,
    /// The flows that have begun.
    begun: Ids,
    /// The tasks whose beginning is in the recording.
    tasks: Ids,
    events: u64,
}

/// The tasks whose beginning is in the recording.
fn tasks(recording: &impl Read) -> Ids {
    let mut tasks = Ids::default();
    for track in recording.tracks().iter().filter(|track| track.kind == TrackKind::Task) {
        for event in recording.events(track.id) {
            if let Event::Begin { meta, .. } = event {
                // Of one that a source has added nothing says where it was made.
                let begun = meta.task().filter(|_| !meta.continues() && meta.callsite_id().is_some());
                begun.into_iter().for_each(|task| {
                    tasks.insert(task);
                });
            }
        }
    }
    tasks
}

/// Where the events of a row belong.
struct Row {
    /// The members that say which process and row, and the key of the time.
    place: Vec<u8>,
    name: String,
}

impl<W: Write> Chrome<W> {
    /// Writes a track; gives its own row.
    fn track<R: Read>(&mut self, recording: &R, track: &Track) -> io::Result<Row> {
        self.out.turn()?;
        let name = full_name(recording.tracks(), track);
        let row = self.row(track, name);
        let mut lanes = Lanes::of(track);
        let mut rows = vec![row];
        let unit = match &track.kind {
            TrackKind::Counter { unit } if !unit.is_empty() => unit,
            _ => "value",
        };
        for step in Whole::new(|| recording.events(track.id)) {
            match step {
                Step::Begin(span) => {
                    let drawn = lanes.begin(&span);
                    if drawn.lane >= rows.len() {
                        rows.push(self.extra_row(track, &rows[0].name, drawn.lane));
                    }
                    self.span(&rows[drawn.lane], &span, drawn);
                }
                Step::End { span, .. } => drop(lanes.end(span)),
                Step::Instant { ns, meta } => self.instant(&rows[0], &meta, ns),
                Step::Spawn { ns, meta } => self.spawn(&rows[0], &meta, ns),
                Step::Sample { ns, meta } => {
                    self.begin(b"C", &rows[0], &meta, ns);
                    self.out.bytes.extend_from_slice(b",\"args\":{");
                    json::member(&mut self.out.bytes, unit, meta.value());
                    self.out.bytes.extend_from_slice(b"}}");
                }
                Step::Hole { ns, end } => self.holes.push(Hole { track: rows[0].name.clone(), ns, end }),
            }
            self.out.turn()?;
        }
        Ok(rows.swap_remove(0))
    }

    /// Writes the instants of a track on another one's row.
    fn instants<R: Read>(&mut self, recording: &R, track: TrackId, row: &Row) -> io::Result<()> {
        for event in recording.events(track) {
            if let Event::Instant { ns, meta } = event {
                self.instant(row, &meta, ns);
            }
            self.out.turn()?;
        }
        Ok(())
    }

    #[inline]
    fn span(&mut self, row: &Row, span: &WholeSpan<'_>, drawn: Drawn) {
        self.begin(b"X", row, &span.meta, span.start);
        self.out.bytes.extend_from_slice(b",\"dur\":");
        json::microseconds(&mut self.out.bytes, drawn.end.saturating_sub(span.start));
        self.args(&span.meta, &span.appended, drawn.flags);
        self.flows(row, &span.meta, span.start);
        // A flow that doesn't begin is an error in Perfetto.
        if let Some(task) = span.meta.poll_of().filter(|&task| self.tasks.has(task)) {
            self.flow(row, b"\"t\"", task, span.start);
        }
    }

    /// Writes where a task is made.
    fn spawn(&mut self, row: &Row, meta: &Meta<'_>, ns: u64) {
        self.begin(b"X", row, meta, ns);
        self.out.bytes.extend_from_slice(b",\"dur\":0");
        self.args(meta, &[], Flags::default());
        if let Some(task) = meta.task() {
            self.flow(row, b"\"s\"", task, ns);
        }
    }

    fn instant(&mut self, row: &Row, meta: &Meta<'_>, ns: u64) {
        if meta.flows().next().is_some() {
            self.begin(b"X", row, meta, ns);
            self.out.bytes.extend_from_slice(b",\"dur\":0");
        } else {
            self.begin(b"I", row, meta, ns);
            self.out.bytes.extend_from_slice(b",\"s\":\"t\"");
        }
        self.args(meta, &[], Flags::default());
        self.flows(row, meta, ns);
    }

    /// Begins an event: all up to its time.
    #[inline]
    fn begin(&mut self, phase: &[u8; 1], row: &Row, meta: &Meta<'_>, ns: u64) {
        self.separate();
        self.out.bytes.extend_from_slice(&[b'"', phase[0], b'"']);
        self.head(meta);
        self.out.bytes.extend_from_slice(&row.place);
        json::microseconds(&mut self.out.bytes, ns);
    }

    /// Writes all in front of an event's phase.
    #[inline]
    fn separate(&mut self) {
        self.out.bytes.extend_from_slice(if self.events == 0 { b"\n{\"ph\":" } else { b",\n{\"ph\":" });
        self.events += 1;
    }

    /// Writes the members that say an event's name and category.
    #[inline]
    fn head(&mut self, meta: &Meta<'_>) {
        let Some(id) = meta.callsite_id() else { return write_head(&mut self.out.bytes, meta) };
        if self.heads.len() <= id.index() {
            self.heads.resize(id.index() + 1, Vec::new());
        }
        let head = &mut self.heads[id.index()];
        if head.is_empty() {
            // A name that is made at run time is another one each time.
            if meta.callsite().is_none_or(|callsite| callsite.name.is_empty()) {
                return write_head(&mut self.out.bytes, meta);
            }
            write_head(head, meta);
        }
        self.out.bytes.extend_from_slice(head);
    }

    /// Writes the metadata, if there is any, and ends the event.
    #[inline]
    fn args(&mut self, meta: &Meta<'_>, appended: &[Meta<'_>], flags: Flags) {
        let out = &mut self.out.bytes;
        let open = b",\"args\":{";
        out.extend_from_slice(open);
        let start = out.len();
        args::for_each(meta, appended, |_, key, value| {
            json::member(out, key, value);
            out.push(b',');
        });
        if let Some(callsite) = meta.callsite_id().filter(|&id| self.origins.are_said(id)).and(meta.callsite()) {
            json::member(out, super::CALLSITE, Value::Str(callsite.place().as_str().into()));
            out.push(b',');
        }
        if meta.weight() > 1 {
            json::member(out, super::WEIGHT, Value::U64(meta.weight()));
            out.push(b',');
        }
        args::for_each_task(meta, |key, task| {
            json::member(out, key, Value::U64(task));
            out.push(b',');
        });
        if let Some(flags) = super::flags(flags) {
            json::member(out, super::FLAGS, Value::Str(flags.as_str().into()));
            out.push(b',');
        }
        if out.len() == start {
            // Some readers show empty metadata as a part of the name.
            out.truncate(start - open.len());
        } else {
            out.pop();
            out.push(b'}');
        }
        out.push(b'}');
    }

    /// Writes the ends of arrows at an event.
    #[inline]
    fn flows(&mut self, row: &Row, meta: &Meta<'_>, ns: u64) {
        for end in meta.flows() {
            let (phase, id) = match end {
                FlowEnd::Out(id) if self.begun.insert(id) => (&b"\"s\""[..], id),
                // A flow that begins twice is an error in Perfetto.
                FlowEnd::Out(id) | FlowEnd::In(id) => (&b"\"f\",\"bp\":\"e\""[..], id),
            };
            self.flow(row, phase, id, ns);
        }
    }

    fn flow(&mut self, row: &Row, phase: &[u8], id: u64, ns: u64) {
        // One category for all: Perfetto wants the same at both ends, DevTools that of the slice.
        const CATEGORY: &str = Category::DEFAULT.name();
        self.separate();
        self.out.bytes.extend_from_slice(phase);
        self.out
            .bytes
            .extend_from_slice(format!(",\"name\":\"flow\",\"cat\":\"{CATEGORY}\",\"id\":\"{id:#x}\"").as_bytes());
        self.out.bytes.extend_from_slice(&row.place);
        json::microseconds(&mut self.out.bytes, ns);
        self.out.bytes.push(b'}');
    }

    /// The row of a track, which is announced.
    fn row(&mut self, track: &Track, name: String) -> Row {
        let tid = self.rows.of_track(track);
        self.announce(track, tid, name, 0)
    }

    fn extra_row(&mut self, track: &Track, name: &str, lane: usize) -> Row {
        let tid = self.rows.extra();
        self.announce(track, tid, lane_name(name, lane), lane)
    }

    fn announce(&mut self, track: &Track, tid: u32, name: String, lane: usize) -> Row {
        if !name.is_empty() && !matches!(track.kind, TrackKind::Counter { .. }) {
            self.name("thread_name", tid, &name);
            // Extra rows below their track.
            let order = track.id.index() as u64 * 64 + lane.min(63) as u64;
            self.metadata("thread_sort_index", tid, |out| {
                out.extend_from_slice(b"\"sort_index\":");
                json::integer(out, order);
            });
        }
        let place = format!(",\"pid\":{},\"tid\":{tid},\"ts\":", self.rows.pid).into_bytes();
        Row { place, name }
    }

    fn name(&mut self, what: &str, tid: u32, name: &str) {
        self.metadata(what, tid, |out| {
            out.extend_from_slice(b"\"name\":");
            json::string(out, name);
        });
    }

    fn metadata(&mut self, what: &str, tid: u32, args: impl FnOnce(&mut Vec<u8>)) {
        self.separate();
        let pid = self.rows.pid;
        let head = format!(
            "\"M\",\"name\":\"{what}\",\"cat\":\"__metadata\",\"pid\":{pid},\"tid\":{tid},\"ts\":0,\"args\":{{"
        );
        self.out.bytes.extend_from_slice(head.as_bytes());
        args(&mut self.out.bytes);
        self.out.bytes.extend_from_slice(b"}}");
    }
}

fn write_head(out: &mut Vec<u8>, meta: &Meta<'_>) {
    out.extend_from_slice(b",\"name\":\"");
    json::escaped_text(out, meta.name());
    out.extend_from_slice(b"\",\"cat\":");
    json::string(out, meta.callsite().map_or(Category::DEFAULT.name(), |callsite| &callsite.category));
}
