//! What a program can do to the session, the hook of panics and the names of threads: recorded, counted, or without effect.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::panic;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use common::{alone, assert_sound, in_child, span_names, spawn, threads};
use traceme::session::Sink;
use traceme::{Session, Trace, active, instant, recorder, span, trace_scope};

static HOOKED: AtomicU64 = AtomicU64::new(0);

#[test]
fn a_panic_hook_that_traces_is_inside_of_what_panics() {
    in_child("a_panic_hook_that_traces_is_inside_of_what_panics", || {
        panic::set_hook(Box::new(|_| {
            trace_scope!("hook", meta(n = HOOKED.fetch_add(1, Ordering::Relaxed)));
            instant!("told");
        }));
        let session = Session::start(255).unwrap();
        for _ in 0..100 {
            let caught = panic::catch_unwind(|| {
                trace_scope!("fails");
                panic!("as planned");
            });
            assert!(caught.is_err());
        }
        let trace = session.stop();
        assert_sound(&trace);
        assert_eq!((HOOKED.load(Ordering::Relaxed), trace.event_count()), (100, 300));
        for span in trace.spans() {
            let name = span.name().to_string();
            let parent = span.parent().map(|parent| parent.name().to_string());
            // The hook's span begins when the thread panics already.
            let expected = if name == "hook" { (Some("fails".to_string()), false) } else { (None, true) };
            assert_eq!((parent, span.flags().is_panicked()), expected, "{name}");
        }
    });
}

/// A sink that says when its session is through with it.
struct Says(mpsc::Sender<u64>);

impl Sink for Says {
    fn batch(&mut self, batch: &Trace) {
        self.0.send(batch.event_count()).unwrap();
    }
}

thread_local! {
    static KEPT: Cell<Option<Session>> = const { Cell::new(None) };
}

#[test]
fn a_session_in_a_thread_local_ends_with_its_thread() {
    let _alone = alone();
    for round in 0..20 {
        let (says, heard) = mpsc::channel();
        let work = move || {
            if round % 2 == 0 {
                // Then the thread has joined a session before its thread-local is registered; else after.
                trace_scope!("first");
                KEPT.set(None);
            }
            KEPT.set(Some(Session::builder().sink(Says(says)).start().unwrap()));
            trace_scope!("recorded");
        };
        spawn("keeps", work).join().unwrap();
        assert_eq!(heard.iter().sum::<u64>(), 1, "its sink had all before the thread was over");
        assert_eq!(Session::start(1).expect("it has stopped").stop().event_count(), 0);
    }
}

#[test]
fn a_session_that_is_forgotten_goes_on_to_the_end_of_the_process() {
    in_child("a_session_that_is_forgotten_goes_on_to_the_end_of_the_process", || {
        let _ = ManuallyDrop::new(Session::start(2).unwrap());
        trace_scope!("recorded");
        assert!(active(traceme::Level::INFO) && Session::start(1).is_err_and(|error| error.is_running()));
        assert!(recorder::stop().is_empty(), "it is none of the recorder's");
    });
}

#[cfg(target_os = "linux")]
#[test]
#[allow(unsafe_code, reason = "names that std gives nobody")]
fn a_thread_whose_name_is_no_text_is_recorded() {
    let _alone = alone();
    let session = Session::start(1).unwrap();
    let work = || {
        // SAFETY: reads a text that ends with a zero.
        unsafe { libc::prctl(libc::PR_SET_NAME, c"a\xff\"\n\\b".as_ptr()) };
        drop(span!("recorded", level = 1));
    };
    spawn("no text", work).join().unwrap();
    let trace = session.stop();
    assert_eq!(span_names(&trace), ["recorded"]);
    assert_eq!(threads(&trace)[0].name, "a\u{fffd}\"\n\\b");
    let file = std::env::temp_dir().join(format!("traceme-no-text-{}.json", std::process::id()));
    trace.save(&file).unwrap();
    let json = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let events = json["traceEvents"].as_array().unwrap();
    assert!(events.iter().any(|event| event["args"]["name"] == "a\u{fffd}\"\n\\b"), "{events:?}");
}
