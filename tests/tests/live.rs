//! What sinks get while a session runs: all of it, once, soon, whatever the threads and the sinks do.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{accounted, alone, spawn};
use traceme::session::Sink;
use traceme::trace::{Cause, Span, Value};
use traceme::{Activity, Memory, Session, Trace, activity, activity_end, append, counter, instant, span, trace_scope};

/// Longer than anything takes: whoever waits for it in vain fails.
const DEADLINE: Duration = Duration::from_secs(300);

/// What a batch has of a span.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    name: String,
    start: u64,
    end: Option<u64>,
    args: String,
    flags: Vec<&'static str>,
    track: String,
}

impl From<Span<'_>> for Seen {
    fn from(span: Span<'_>) -> Self {
        Self {
            name: span.name().to_string(),
            start: span.start(),
            end: span.end(),
            args: span.args().map(|(key, value)| format!("{key}={value:?} ")).collect(),
            flags: span.flags().names().collect(),
            track: span.track().name.clone(),
        }
    }
}

/// What one batch has.
#[derive(Debug)]
struct Batch {
    spans: Vec<Seen>,
    instants: Vec<String>,
    unmatched_ends: u64,
}

/// A sink that tells what it gets, and the other end.
fn told() -> (impl Sink, Receiver<Batch>) {
    let (tell, told) = mpsc::channel();
    let sink = move |batch: &Trace| {
        let spans = batch.spans().map(Seen::from).collect();
        let instants = batch.instants().map(|instant| instant.name().to_string()).collect();
        let _ = tell.send(Batch { spans, instants, unmatched_ends: batch.losses().unmatched_ends() });
    };
    (sink, told)
}

/// Waits for the batch that has an instant of this name; gives it and those before it.
fn until(told: &Receiver<Batch>, instant: &str) -> Vec<Batch> {
    let mut batches = Vec::new();
    loop {
        batches.push(told.recv_timeout(DEADLINE).expect("it comes while the session runs"));
        if batches.last().unwrap().instants.iter().any(|name| name == instant) {
            return batches;
        }
    }
}

/// All spans of this name.
fn named<'b>(batches: &'b [Batch], name: &str) -> Vec<&'b Seen> {
    batches.iter().flat_map(|batch| &batch.spans).filter(|span| span.name == name).collect()
}

#[test]
fn an_event_of_a_quiet_thread_comes_while_it_goes_on_and_the_session_too() {
    let _alone = alone();
    let (sink, told) = told();
    let session = Session::builder().sink(sink).start().unwrap();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let quiet = spawn("quiet", move || {
        for event in ["first", "second"] {
            instant!(name = event);
            may_go_on.recv_timeout(DEADLINE).unwrap();
        }
    });
    for event in ["first", "second"] {
        let batches = until(&told, event);
        assert_eq!(batches.iter().map(|batch| batch.instants.len()).sum::<usize>(), 1, "{batches:?}");
        go_on.send(()).unwrap();
    }
    quiet.join().unwrap();
    assert_eq!(session.stop().event_count(), 2);
    let rest: Vec<Batch> = told.iter().collect();
    assert!(rest.iter().all(|batch| batch.instants.is_empty()), "{rest:?}");
}

#[test]
fn a_span_over_seams_is_whole_where_it_ends_and_ends_in_one_batch() {
    let _alone = alone();
    let (sink, told) = told();
    let session = Session::builder().sink(sink).start().unwrap();
    let (mut batches, mut ends) = (Vec::new(), 0);
    {
        let outer = span!("outer", meta(n = 7_u8));
        instant!(name = "one");
        batches.append(&mut until(&told, "one"));
        {
            trace_scope!("inner");
            instant!(name = "two");
            batches.append(&mut until(&told, "two"));
            append!(outer, late = true);
        }
        instant!(name = "three");
        batches.append(&mut until(&told, "three"));
    }
    let trace = session.stop();
    batches.extend(told.iter());
    let whole: BTreeMap<String, Seen> = trace.spans().map(|span| (span.name().to_string(), span.into())).collect();
    for (name, least) in [("outer", 4), ("inner", 2)] {
        let seen = named(&batches, name);
        assert!(seen.len() >= least, "{seen:?}");
        for (at, span) in seen.iter().enumerate() {
            let (is_first, is_last) = (at == 0, at + 1 == seen.len());
            assert_eq!(span.flags.contains(&"continues"), !is_first, "{span:?}");
            assert_eq!((span.flags.contains(&"incomplete"), span.end.is_none()), (!is_last, !is_last), "{span:?}");
            assert!(span.start.abs_diff(whole[name].start) < 100_000, "{span:?} is {:?}", whole[name]);
            ends += u64::from(span.end.is_some());
        }
    }
    assert_eq!(ends, 2);
    let outer: Vec<&str> = named(&batches, "outer").iter().map(|span| span.args.as_str()).collect();
    assert!(outer.iter().all(|args| args.starts_with("n=I64(7) ")), "{outer:?}");
    assert_eq!(outer.iter().filter(|args| args.contains("late=Bool(true)")).count(), 1, "{outer:?}");
}

#[test]
fn an_activity_over_seams_is_whole_where_it_ends() {
    let _alone = alone();
    let (sink, told) = told();
    let session = Session::builder().sink(sink).start().unwrap();
    let mut batches = Vec::new();
    let (job, made) = (activity!("job", meta(n = 7_u8)), activity!(name = format!("made {}", 1), meta(n = 8_u8)));
    let never = activity!("never");
    for event in ["one", "two"] {
        instant!(name = event);
        batches.append(&mut until(&told, event));
    }
    let elsewhere = spawn("elsewhere", move || {
        drop(job);
        drop(made);
        instant!(name = "three");
    });
    batches.append(&mut until(&told, "three"));
    elsewhere.join().unwrap();
    activity_end(12345);
    instant!(name = "four");
    batches.append(&mut until(&told, "four"));
    let trace = session.stop();
    batches.extend(told.iter());
    drop(never);
    assert_eq!(trace.losses().unmatched_ends(), 1, "of an activity that never was");
    assert_eq!(batches.iter().map(|batch| batch.unmatched_ends).sum::<u64>(), 1);
    for (name, n) in [("job", 7), ("made 1", 8)] {
        let [begun, ended] = named(&batches, name)[..] else { panic!("{batches:?}") };
        assert_eq!((begun.end, &begun.flags[..]), (None, &["incomplete"][..]));
        assert_eq!((ended.start, &ended.flags[..]), (begun.start, &["continues"][..]));
        assert!(ended.end > Some(ended.start) && ended.track == name, "{ended:?}");
        assert_eq!((&begun.args, &ended.args), (&format!("n=I64({n}) "), &begun.args));
    }
    assert_eq!(named(&batches, "never").len(), 1);
}

/// What batches have, added up.
#[derive(Debug, Default)]
struct Sums {
    accounted: u64,
    overwritten: u64,
    unmatched_ends: u64,
    /// Of spans and activities with a number: how often each began, and ended.
    began: BTreeMap<u64, u64>,
    ended: BTreeMap<u64, u64>,
}

impl Sums {
    fn add(&mut self, batch: &Trace) {
        assert_eq!(batch.start() == 0, self.accounted == 0, "a batch begins where the last one ended");
        self.accounted += accounted(batch);
        self.overwritten += batch.losses().by_cause(Cause::Overwritten);
        self.unmatched_ends += batch.losses().unmatched_ends();
        for span in batch.spans() {
            let Some(Value::U64(number)) = span.args().map(|(_, value)| value).next() else { continue };
            *self.began.entry(number).or_default() += u64::from(!span.flags().is_continuing());
            *self.ended.entry(number).or_default() += u64::from(span.end().is_some());
        }
    }
}

/// A sink that adds up, and the sums.
fn summed() -> (impl Sink, Arc<Mutex<Sums>>) {
    let sums = Arc::<Mutex<Sums>>::default();
    let to = Arc::clone(&sums);
    (move |batch: &Trace| to.lock().unwrap().add(batch), sums)
}

const THREADS: u64 = 4;

/// How many turns there were in all storms.
static STORMED: AtomicU64 = AtomicU64::new(0);

/// Records on several threads, each of which ends the activities of another; gives how many events were attempted. Spans
/// and activities have the numbers of part `part`, each of which has [`THREADS`] times `turns`; these odd and those even.
fn storm(part: u64, turns: u64) -> u64 {
    let (senders, receivers): (Vec<Sender<Activity>>, Vec<Receiver<Activity>>) =
        (0..THREADS).map(|_| mpsc::channel()).unzip();
    let start = |(thread, (next, jobs)): (u64, (Sender<Activity>, Receiver<Activity>))| {
        spawn(&format!("storm {thread}"), move || {
            let mut attempts = 0;
            for turn in 0..turns {
                let n = (part * THREADS + thread) * turns + turn;
                if n % 2 == 0 {
                    trace_scope!("work", meta(n = n));
                    instant!("inside");
                    attempts += 2;
                } else {
                    let job = activity!("job", meta(n = n));
                    attempts += 1 + u64::from(job.is_recorded());
                    counter!("jobs", turn);
                    attempts += 1;
                    next.send(job).unwrap();
                }
                jobs.try_iter().for_each(drop);
                STORMED.fetch_add(1, Ordering::Relaxed);
            }
            drop(next);
            jobs.iter().for_each(drop);
            attempts
        })
    };
    let ends = senders.into_iter().cycle().skip(1).zip(receivers);
    let threads: Vec<_> = (0..THREADS).zip(ends).map(start).collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).sum()
}

#[test]
fn batches_of_a_storm_have_each_event_once() {
    const TURNS: u64 = 5_000;
    const PARTS: u64 = 4;
    let _alone = alone();
    let (mut sink, sums) = summed();
    let (tell, told) = mpsc::channel();
    let telling = move |batch: &Trace| {
        sink.batch(batch);
        let _ = tell.send(());
    };
    let session = Session::builder().sink(telling).start().unwrap();
    let mut attempts = 0;
    for part in 0..PARTS {
        attempts += storm(part, TURNS);
        told.recv_timeout(DEADLINE).expect("a batch comes while the session runs");
    }
    let trace = session.stop();
    assert_eq!(accounted(&trace), attempts);
    assert!(trace.losses().is_empty(), "{:?}", trace.losses());
    let sums = sums.lock().unwrap();
    assert_eq!((sums.accounted, sums.unmatched_ends), (attempts, 0));
    let numbers = PARTS * THREADS * TURNS;
    for times in [&sums.began, &sums.ended] {
        assert!(times.keys().copied().eq(0..numbers), "{} of {numbers}", times.len());
        assert!(times.values().all(|&times| times == 1));
    }
}

#[test]
fn what_a_ring_overwrites_before_a_batch_has_it_is_counted_in_the_next() {
    let _alone = alone();
    let (mut sink, sums) = summed();
    let ((entered, has_entered), (go_on, may_go_on)) = (mpsc::channel(), mpsc::channel::<()>());
    let slow = move |batch: &Trace| {
        let _ = entered.send(());
        // Until it may go on, or for ever.
        let _ = may_go_on.recv_timeout(DEADLINE);
        sink.batch(batch);
    };
    let session = Session::builder().memory(Memory::ring(2 << 20)).sink(slow).start().unwrap();
    let mut attempts = storm(0, 1_000);
    has_entered.recv_timeout(DEADLINE).unwrap();
    // While the sink sits in its first batch.
    attempts += storm(0, 60_000);
    drop(go_on);
    let trace = session.stop();
    let sums = sums.lock().unwrap();
    assert_eq!((accounted(&trace), sums.accounted), (attempts, attempts));
    assert!(sums.overwritten > attempts / 2, "{} of {attempts}", sums.overwritten);
    assert!(sums.overwritten <= trace.losses().by_cause(Cause::Overwritten), "some were in a batch before");
    let most = |times: &BTreeMap<u64, u64>| times.values().copied().max();
    assert!(most(&sums.ended) <= Some(2), "both storms have the same numbers");
}

#[test]
fn a_ring_that_goes_round_under_a_fast_sink_adds_up() {
    let _alone = alone();
    let (sink, sums) = summed();
    let session = Session::builder().memory(Memory::ring(2 << 20)).sink(sink).start().unwrap();
    let attempts = storm(0, 60_000);
    let trace = session.stop();
    let sums = sums.lock().unwrap();
    assert_eq!((accounted(&trace), sums.accounted), (attempts, attempts));
}

#[test]
fn a_session_that_keeps_no_events_gives_them_to_its_sinks() {
    let _alone = alone();
    let (sink, sums) = summed();
    let session = Session::builder().memory(Memory::summary_only()).sink(sink).start().unwrap();
    let attempts = storm(0, 20_000);
    let losses = session.stop().summary().losses;
    assert_eq!(losses.recorded + losses.lost + losses.late, attempts);
    assert_eq!(sums.lock().unwrap().accounted, attempts);
}

#[test]
fn what_rotations_give_away_is_in_the_batches_all_the_same() {
    let _alone = alone();
    let (sink, sums) = summed();
    // Too little: some is lost, and told to the parts.
    let session = Session::builder().memory(Memory::bounded(5 << 18)).sink(sink).start().unwrap();
    let storm = spawn("storm", move || storm(0, 50_000));
    // Read later: the storm doesn't wait for that.
    let mut parts = Vec::new();
    while !storm.is_finished() {
        parts.push(session.rotate());
        // As fast as the storm goes on, not as this thread does: for each part of a chunk all before it is read once more.
        let until = STORMED.load(Ordering::Relaxed) + 500;
        while STORMED.load(Ordering::Relaxed) < until && !storm.is_finished() {
            std::thread::yield_now();
        }
    }
    let attempts = storm.join().unwrap();
    parts.push(session.stop());
    assert!(parts.len() > 2);
    assert_eq!(parts.iter().map(accounted).sum::<u64>(), attempts);
    assert_eq!(sums.lock().unwrap().accounted, attempts);
}

#[test]
fn what_rotations_give_away_is_shown_by_the_batches_event_by_event() {
    let _alone = alone();
    let shown = Arc::new(Mutex::new((0, 0)));
    let to = Arc::clone(&shown);
    let sink = move |batch: &Trace| {
        let (events, damaged) = &mut *to.lock().unwrap();
        *events += batch.instants().len();
        *damaged += batch.losses().damaged_words();
    };
    let session = Session::builder().sink(sink).start().unwrap();
    // Between two batches there are many rotations of the same chunk.
    for _ in 0..200 {
        instant!("given away");
        assert_eq!(session.rotate().losses().total(), 0);
        instant!("and more");
    }
    assert_eq!(session.stop().instants().len(), 1);
    assert_eq!(*shown.lock().unwrap(), (400, 0));
}

#[test]
fn when_all_sinks_have_panicked_the_session_goes_on_without() {
    let _alone = alone();
    let (called, calls) = mpsc::channel();
    let panics = move |_: &Trace| {
        called.send(()).unwrap();
        std::panic::resume_unwind(Box::new("expected"));
    };
    let session = Session::builder().memory(Memory::ring(2 << 20)).sink(panics).start().unwrap();
    let mut attempts = storm(0, 1_000);
    calls.recv_timeout(DEADLINE).unwrap();
    // The sink is gone with its end of the channel.
    assert!(calls.recv_timeout(DEADLINE).is_err());
    attempts += storm(0, 60_000);
    let first = accounted(&session.rotate());
    assert_eq!(first + accounted(&session.stop()), attempts);
}
