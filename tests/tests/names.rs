//! Names that are made at run time.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::borrow::Cow;
use std::cell::Cell;

use common::{assert_sound, recorded, span_names, traced};
use traceme::trace::Value;
use traceme::{instant, span, trace_scope};

#[test]
fn a_name_is_anything_that_is_a_string() {
    let text = recorded(|| {
        let n = 3;
        trace_scope!(name = format!("turn {n}"), meta(n));
        trace_scope!(name = "literal");
        trace_scope!(name = String::from("owned"));
        trace_scope!(name = &String::from("borrowed"));
        trace_scope!(name = Cow::Borrowed("cow"), level = 3, meta(a = 1, b = %n));
        trace_scope!(name = Box::<str>::from("boxed"));
        let _guard = span!(name = String::new());
        instant!(name = "a\nb", meta(name = "key"));
    });
    let expected = "turn 3 n=3\n  literal\n    owned\n      borrowed\n        cow a=1 b=\"3\"\n          boxed\n            \n\
        \x20             * \"a\\nb\" name=\"key\"";
    assert_eq!(text, expected);
}

#[test]
fn a_name_is_cut_at_4094_bytes() {
    let trace = traced(1, || instant!(name = format!("a{}", "é".repeat(3000))));
    assert_sound(&trace);
    let name = trace.instants().next().unwrap().name();
    assert_eq!((name.len(), name.is_cut()), (4093, true));
    assert!(name.to_str().chars().skip(1).all(|char| char == 'é'));
}

#[test]
fn a_name_is_no_metadata() {
    let trace = traced(1, || {
        trace_scope!(name = "made", meta(n = 1 + 1));
    });
    let span = trace.spans().next().unwrap();
    assert!(span.args().eq([("n", Value::I64(2))]));
    assert_eq!(span.callsite().unwrap().name, "");
}

/// A string that traces when it is looked at.
struct Traces;

impl AsRef<str> for Traces {
    fn as_ref(&self) -> &str {
        instant!("in as_ref");
        "traces"
    }
}

#[test]
fn a_name_whose_as_ref_traces_is_recorded_and_so_is_what_it_traces() {
    let trace = traced(1, || {
        trace_scope!(name = Traces);
    });
    assert_sound(&trace);
    assert_eq!(span_names(&trace), ["traces"]);
    assert!(trace.instants().len() > 0);
    assert!(trace.losses().is_empty(), "user code runs outside the recorder: {:?}", trace.losses());
}

/// A string that is another one each time.
struct Changes(Cell<u64>);

impl AsRef<str> for Changes {
    fn as_ref(&self) -> &str {
        self.0.set(self.0.get() + 30);
        let length = usize::try_from(self.0.get() % 100).unwrap();
        &"0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz"
            [..length]
    }
}

#[test]
fn a_name_that_changes_damages_nothing() {
    let trace = traced(1, || {
        for start in 0..50_u64 {
            trace_scope!(name = Changes(Cell::new(start)), meta(start));
            instant!("behind");
        }
    });
    assert_sound(&trace);
    assert_eq!((trace.spans().len(), trace.instants().len()), (50, 50));
    for (span, start) in trace.spans().zip(0..50) {
        assert!("0123456789abcdefghijklmnopqrstuvwxyz".repeat(4).starts_with(&*span.name().to_str()), "{span:?}");
        assert!(span.args().eq([("start", Value::U64(start))]), "{span:?}");
    }
}

/// A string that panics when it is looked at for the second time.
struct Panics(Cell<u64>);

impl AsRef<str> for Panics {
    fn as_ref(&self) -> &str {
        self.0.set(self.0.get() + 1);
        if self.0.get() > 1 { std::panic::resume_unwind(Box::new("expected")) } else { "panics" }
    }
}

#[test]
fn a_name_that_panics_leaves_the_thread_able_to_trace() {
    let trace = traced(1, || {
        let outcome = std::panic::catch_unwind(|| {
            trace_scope!(name = Panics(Cell::new(0)));
            instant!("inside");
        });
        instant!("after", meta(panicked = outcome.is_err()));
    });
    assert_sound(&trace);
    let after = trace.instants().last().unwrap();
    assert_eq!(after.name().to_str(), "after");
    assert!(after.span().is_none());
    assert!(trace.losses().is_empty(), "{:?}", trace.losses());
}
