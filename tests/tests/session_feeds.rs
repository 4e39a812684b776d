//! What a session brings together with its own events: sources, which add theirs, and sinks, which take all while
//! the session runs.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use common::{alone, assert_sound, span_names, spawn};
use traceme::session::{Sink, Source};
use traceme::trace::{ClockInfo, Event, Read, TraceBuilder, TrackKind, Value};
use traceme::{Error, Level, Memory, Session, Trace, active, counter, instant, trace_scope};

type Log = Arc<Mutex<Vec<String>>>;

/// A source that notes what it is told, and adds a span to a track of its own.
struct Device {
    name: &'static str,
    log: Log,
    fails: bool,
    clock: Arc<Mutex<Option<ClockInfo>>>,
}

impl Device {
    fn new(name: &'static str, log: &Log) -> Self {
        Self { name, log: Arc::clone(log), fails: false, clock: Arc::default() }
    }

    fn note(&self, what: &str) {
        let recording = if active(Level::CRITICAL) { "recording" } else { "not recording" };
        self.log.lock().unwrap().push(format!("{} {what}, {recording}", self.name));
    }
}

impl Source for Device {
    fn start(&mut self) -> Result<(), Error> {
        self.note("start");
        if self.fails { Err(Error::of_source(format!("{} is not there", self.name))) } else { Ok(()) }
    }

    fn stop(&mut self) {
        self.note("stop");
    }

    fn collect(&mut self, trace: &mut TraceBuilder) {
        self.note("collect");
        *self.clock.lock().unwrap() = Some(trace.clock().clone());
        let device = trace.add_track(self.name, TrackKind::Device { ordinal: 3 }, None).unwrap();
        let queue = trace.add_track("queue", TrackKind::Device { ordinal: 3 }, Some(device)).unwrap();
        trace.span(queue, "kernel", 100, Some(300), &[("rows", Value::U64(7))]).unwrap();
        trace.instant(queue, "stall", 200, &[]).unwrap();
    }
}

fn log_of(log: &Log) -> Vec<String> {
    std::mem::take(&mut log.lock().unwrap())
}

#[test]
fn sources_start_before_the_session_and_stop_and_collect_behind_it() {
    let _alone = alone();
    let log = Log::default();
    let (gpu, npu) = (Device::new("gpu", &log), Device::new("npu", &log));
    let session = Session::builder().source(gpu).source(npu).start().unwrap();
    assert_eq!(log_of(&log), ["gpu start, not recording", "npu start, not recording"]);
    spawn("work", || {
        trace_scope!("host");
    })
    .join()
    .unwrap();
    let trace = session.stop();
    let behind = log_of(&log);
    assert_eq!(behind[..2], ["gpu stop, not recording", "npu stop, not recording"]);
    assert_eq!(behind[2..], ["gpu collect, not recording", "npu collect, not recording"]);
    assert_sound(&trace);
    let device = |name| format!("device {name}\n");
    let queue = "device queue\n  kernel rows=7\n    * stall\n";
    let expected = format!("{}{}{queue}{queue}thread work\n  host\n", device("gpu"), device("npu"));
    assert_eq!(trace.text().to_string(), expected);
    assert_eq!(trace.tracks()[1].parent, Some(trace.tracks()[0].id));
    assert_eq!(trace.tracks()[1].kind, TrackKind::Device { ordinal: 3 });
    assert_eq!((trace.event_count(), trace.spans().len()), (5, 3));
    assert!(trace.losses().is_empty());
}

#[test]
fn a_source_converts_its_times_with_the_clock_of_the_session() {
    let _alone = alone();
    let gpu = Device::new("gpu", &Log::default());
    let clock = Arc::clone(&gpu.clock);
    let trace = Session::builder().source(gpu).start().unwrap().stop();
    let clock = clock.lock().unwrap().clone().unwrap();
    assert_eq!(clock, *trace.clock());
    assert!(clock.monotonic_ns > 0 && clock.wall_ns > 1_600_000_000_000_000_000, "{clock:?}");
}

#[test]
fn dropping_a_session_stops_its_sources() {
    let _alone = alone();
    let log = Log::default();
    drop(Session::builder().source(Device::new("gpu", &log)).start().unwrap());
    let log = log_of(&log);
    assert_eq!(log[..2], ["gpu start, not recording", "gpu stop, not recording"], "{log:?}");
}

#[test]
fn a_source_that_fails_to_start_stops_those_that_had_started() {
    let _alone = alone();
    let log = Log::default();
    let broken = Device { fails: true, ..Device::new("broken", &log) };
    let (first, last) = (Device::new("first", &log), Device::new("last", &log));
    let error = Session::builder().source(first).source(broken).source(last).start().unwrap_err();
    assert!(error.is_source(), "{error:?}");
    assert_eq!(error.to_string(), "broken is not there");
    let expected = ["first start, not recording", "broken start, not recording", "first stop, not recording"];
    assert_eq!(log_of(&log), expected);
    assert!(!active(Level::CRITICAL));
    drop(Session::start(1).unwrap());
}

#[test]
fn a_session_that_does_not_start_leaves_no_source_running() {
    let _alone = alone();
    let log = Log::default();
    let error = Session::builder().source(Device::new("gpu", &log)).memory(Memory::bounded(1)).start().unwrap_err();
    assert!(error.is_memory());
    let started = log_of(&log);
    assert!(started.is_empty() || started == ["gpu start, not recording", "gpu stop, not recording"], "{started:?}");
    assert!(Session::builder().source(Device::new("gpu", &log)).level(0).start().unwrap_err().is_level());
    assert!(log_of(&log).is_empty());
    let session = Session::start(1).unwrap();
    assert!(Session::builder().source(Device::new("gpu", &log)).start().unwrap_err().is_running());
    assert!(log_of(&log).is_empty(), "the running session may use it");
    drop(session);
}

/// How often each value of the metadata was in a batch, and each event in all.
#[derive(Default)]
struct Taken {
    threads: BTreeSet<Option<String>>,
    events: u64,
    values: BTreeMap<u64, u64>,
    losses: u64,
}

/// A sink that notes what it is given.
struct Notes {
    taken: Arc<Mutex<Taken>>,
}

impl Sink for Notes {
    fn batch(&mut self, batch: &Trace) {
        let mut taken = self.taken.lock().unwrap();
        taken.threads.insert(std::thread::current().name().map(String::from));
        taken.events += batch.event_count();
        taken.losses += batch.losses().total();
        for track in batch.tracks() {
            for event in batch.events(track.id) {
                let (Event::Begin { meta, .. } | Event::Instant { meta, .. }) = event else { continue };
                if meta.continues() {
                    continue;
                }
                for (_, value) in meta.args() {
                    let Value::U64(value) = value else { continue };
                    *taken.values.entry(value).or_default() += 1;
                }
            }
        }
    }
}

const THREADS: u64 = 3;
const TURNS: u64 = 40_000;

/// Traces several chunks full on several threads, each event with a number of its own.
fn work() {
    let start = |thread: u64| {
        spawn(&format!("work {thread}"), move || {
            for turn in 0..TURNS {
                let n = thread * TURNS + turn;
                if turn % 2 == 0 {
                    instant!("point", meta(n));
                } else {
                    trace_scope!("span", meta(n));
                    counter!("sample", n);
                }
            }
        })
    };
    let threads: Vec<_> = (0..THREADS).map(start).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn every_event_is_in_exactly_one_batch_and_in_the_trace() {
    let _alone = alone();
    let (first, second) = (Arc::<Mutex<Taken>>::default(), Arc::<Mutex<Taken>>::default());
    let sinks = Session::builder().sink(Notes { taken: Arc::clone(&first) }).sink(Notes { taken: Arc::clone(&second) });
    let session = sinks.start().unwrap();
    work();
    let trace = session.stop();
    assert_sound(&trace);
    assert_eq!(trace.event_count(), THREADS * TURNS * 3 / 2);
    assert!(trace.losses().is_empty(), "{:?}", trace.losses());
    for taken in [first, second] {
        let taken = taken.lock().unwrap();
        assert_eq!((taken.events, taken.losses), (trace.event_count(), 0));
        assert_eq!(taken.values.len() as u64, THREADS * TURNS);
        assert!(taken.values.values().all(|&times| times == 1), "no event is in two batches");
    }
}

#[test]
fn a_sink_is_called_on_the_thread_of_the_sinks_to_the_last() {
    let _alone = alone();
    let taken = Arc::<Mutex<Taken>>::default();
    let session = Session::builder().sink(Notes { taken: Arc::clone(&taken) }).start().unwrap();
    instant!("the last batch", meta(n = 5_u8));
    session.stop();
    let taken = taken.lock().unwrap();
    assert_eq!((taken.events, &taken.threads), (1, &BTreeSet::from([Some("traceme-sink".to_string())])));
}

#[test]
fn what_is_lost_is_told_to_a_sink_once() {
    let _alone = alone();
    let taken = Arc::<Mutex<Taken>>::default();
    let sink = Notes { taken: Arc::clone(&taken) };
    let session = Session::builder().memory(Memory::bounded(4 * (256 << 10))).sink(sink).start().unwrap();
    work();
    let trace = session.stop();
    let taken = taken.lock().unwrap();
    assert_eq!(trace.event_count() + trace.losses().total(), THREADS * TURNS * 3 / 2);
    assert_eq!((taken.events, taken.losses), (trace.event_count(), trace.losses().total()));
    assert!(taken.losses > 0);
}

struct Panics;

impl Sink for Panics {
    fn batch(&mut self, _batch: &Trace) {
        std::panic::resume_unwind(Box::new("expected"));
    }
}

#[test]
fn a_sink_that_panics_harms_nobody() {
    let _alone = alone();
    let taken = Arc::<Mutex<Taken>>::default();
    let session = Session::builder().sink(Panics).sink(Notes { taken: Arc::clone(&taken) }).start().unwrap();
    work();
    let trace = session.stop();
    assert_eq!(trace.event_count(), THREADS * TURNS * 3 / 2);
    assert_eq!(taken.lock().unwrap().events, trace.event_count());
    assert!(trace.losses().is_empty());
    drop(Session::start(1).unwrap());
}

/// A sink that waits in its first batch until it may go on.
struct Slow {
    entered: mpsc::Sender<()>,
    may_go_on: mpsc::Receiver<()>,
    waited: Arc<Mutex<Option<bool>>>,
}

impl Sink for Slow {
    fn batch(&mut self, _batch: &Trace) {
        let mut waited = self.waited.lock().unwrap();
        if waited.is_none() {
            self.entered.send(()).unwrap();
            // The writers would wait for the sink as long as that for them: in the end it says so.
            *waited = Some(self.may_go_on.recv_timeout(Duration::from_secs(60)).is_ok());
        }
    }
}

#[test]
fn writers_never_wait_for_a_slow_sink() {
    let _alone = alone();
    let ((entered, has_entered), (go_on, may_go_on)) = (mpsc::channel(), mpsc::channel());
    let waited = Arc::default();
    let sink = Slow { entered, may_go_on, waited: Arc::clone(&waited) };
    let session = Session::builder().sink(sink).start().unwrap();
    work();
    has_entered
        .recv_timeout(Duration::from_secs(60))
        .expect("full chunks are given to the sink while the session runs");
    // While the sink sits in its batch.
    work();
    go_on.send(()).unwrap();
    let trace = session.stop();
    assert_eq!(*waited.lock().unwrap(), Some(true), "the sink was waited for");
    assert_eq!(trace.event_count(), 2 * THREADS * TURNS * 3 / 2);
    assert!(trace.losses().is_empty());
}

struct Traces;

impl Sink for Traces {
    fn batch(&mut self, batch: &Trace) {
        trace_scope!("in sink", meta(events = batch.event_count()));
    }
}

#[test]
fn a_sink_may_trace() {
    let _alone = alone();
    let session = Session::builder().sink(Traces).start().unwrap();
    work();
    let trace = session.stop();
    assert_sound(&trace);
    let own = span_names(&trace).iter().filter(|name| *name == "in sink").count() as u64;
    assert_eq!(trace.event_count(), THREADS * TURNS * 3 / 2 + own);
}
