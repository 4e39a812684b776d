//! What the end-to-end tests share.
#![allow(dead_code, unused_imports, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use std::collections::HashSet;
use std::process::Command;
use std::thread::{self, Builder, JoinHandle};
use std::time::Duration;

use traceme::Trace;
use traceme::trace::{Event, Read, Track, TrackKind};

mod session;
pub(crate) use session::{alone, below_thread, traced};

/// What `work` records on a thread of its own, as text without the thread's own line.
pub(crate) fn recorded(work: impl FnOnce() + Send + 'static) -> String {
    let trace = traced(255, || spawn("work", work).join().unwrap());
    assert_sound(&trace);
    below_thread(&trace.text().to_string())
}

/// Starts a thread with a name of at most 15 bytes.
pub(crate) fn spawn<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    assert!(name.len() <= 15, "Linux would cut {name}");
    Builder::new().name(name.into()).spawn(work).unwrap()
}

/// All events that a trace tells of: recorded, lost, or late.
pub(crate) fn accounted(trace: &Trace) -> u64 {
    trace.event_count() + trace.losses().total() + trace.losses().late()
}

/// Checks that a trace is undamaged, that all its events are there in time order, and that spans nest.
#[track_caller]
pub(crate) fn assert_sound(trace: &Trace) {
    let losses = trace.losses();
    assert_eq!((losses.damaged_words(), losses.missing_sections()), (0, 0), "damaged words and missing sections");
    let events: u64 = trace.tracks().iter().map(|track| sound_events(trace, track)).sum();
    let events = events + losses.unmatched_ends();
    assert_eq!(events, trace.event_count(), "events that can be read");
    for span in trace.spans() {
        let Some(parent) = span.parent() else { continue };
        let ends = span.end().is_none_or(|end| parent.end().is_none_or(|outer| end <= outer));
        assert!(parent.start() <= span.start() && ends, "{span:?} lies within {parent:?}");
        assert_eq!(parent.track().id, span.track().id, "{span:?} and {parent:?}");
    }
}

/// Checks the events of a track, and counts them; gaps are none, and ends are only if they are of activities.
#[track_caller]
fn sound_events(trace: &Trace, track: &Track) -> u64 {
    let (mut count, mut last, mut open) = (0, 0, HashSet::new());
    for event in trace.events(track.id) {
        if !matches!(event, Event::Gap { .. }) {
            assert!(last <= event.ns(), "{event:?} at {} after {last} on {track:?}", event.ns());
            last = event.ns();
        }
        match event {
            Event::Begin { span, .. } => assert!(open.insert(span), "{span} begins twice"),
            Event::End { span, .. } => assert!(open.remove(&span), "{span} is not open"),
            Event::Append { span, .. } => assert!(open.contains(&span), "{span} is not open"),
            _ => {}
        }
        count += u64::from(match event {
            Event::End { flags, .. } => {
                matches!(track.kind, TrackKind::Activity | TrackKind::Task) && !flags.is_incomplete()
            }
            // What was measured is one event, which counts at its end; what continues is one of an earlier part.
            Event::Begin { meta, .. } => !meta.is_measured() && !meta.continues(),
            Event::Spawn { .. } | Event::Gap { .. } => false,
            _ => true,
        });
    }
    assert!(open.is_empty(), "not ended on {track:?}: {open:?}");
    count
}

/// The tracks of threads.
pub(crate) fn threads(trace: &Trace) -> Vec<&Track> {
    trace.tracks().iter().filter(|track| matches!(track.kind, TrackKind::Thread { .. })).collect()
}

/// The names of all spans.
pub(crate) fn span_names(trace: &Trace) -> Vec<String> {
    trace.spans().map(|span| span.name().to_string()).collect()
}

/// The bytes of memory that the process has.
pub(crate) fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

const CHILD: &str = "TRACEME_TEST_CHILD";
/// What runs a test program, where the system can't: an emulator.
const RUNNER: &str = "TRACEME_TEST_RUNNER";

/// Runs `work` in a process of its own, which is killed if it takes longer than five minutes: what takes seconds takes many
/// times as long on a busy machine. `test` is the name of the calling test.
pub(crate) fn in_child(test: &str, work: impl FnOnce()) {
    in_child_for(300, test, work);
}

/// The same with another limit, in seconds.
pub(crate) fn in_child_for(seconds: u64, test: &str, work: impl FnOnce()) {
    if std::env::var_os(CHILD).is_some() {
        return work();
    }
    let program = std::env::current_exe().unwrap();
    let mut command = std::env::var_os(RUNNER).map_or_else(
        || Command::new(&program),
        |runner| {
            let mut command = Command::new(runner);
            command.arg(&program);
            command
        },
    );
    let mut child = command.args([test, "--exact", "--nocapture"]).env(CHILD, "1").spawn().unwrap();
    for _ in 0..100 * seconds {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "the child process of {test}: {status}");
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("{test} hangs: its child process was killed after {seconds} s");
}
