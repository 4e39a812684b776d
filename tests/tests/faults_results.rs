//! `ret` and `err` print with the user's `Debug` and `Display`, inside the span: they trace, call the function again, fail
//! and panic.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::cell::Cell;
use std::fmt::{self, Debug, Display};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use common::{alone, assert_sound, below_thread, traced};
use traceme::{Session, Trace, append, instant, trace_scope, traceme};

/// Prints with a function, and counts how often it is dropped.
struct Prints<'a, F> {
    print: F,
    dropped: &'a Cell<u32>,
}

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> Debug for Prints<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.print)(f)
    }
}

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> Display for Prints<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.print)(f)
    }
}

impl<F> Drop for Prints<'_, F> {
    fn drop(&mut self) {
        self.dropped.set(self.dropped.get() + 1);
    }
}

#[traceme(ret)]
fn returns<T: Debug>(x: T) -> T {
    x
}

#[traceme(ret, err)]
fn fails<T: Debug, E: Display>(x: Result<T, E>) -> Result<T, E> {
    x
}

/// Calls `returns` and `fails` with a value that prints with `print`, each as `call` says.
fn with_both<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result>(print: F, call: impl Fn(&dyn Fn())) -> (String, u32) {
    let dropped = Cell::new(0);
    let value = || Prints { print: &print, dropped: &dropped };
    let trace = traced(1, || {
        call(&|| drop(returns(value())));
        call(&|| drop(fails(Ok::<_, u8>(value()))));
        call(&|| drop(fails(Err::<u8, _>(value()))));
    });
    assert_sound(&trace);
    (below_thread(&trace.text().to_string()), dropped.get())
}

#[test]
fn impls_that_trace_are_inside_the_span() {
    let print = |f: &mut fmt::Formatter<'_>| {
        trace_scope!("printing", meta(inner = %"inner"));
        instant!("point");
        f.write_str("printed")
    };
    let (text, dropped) = with_both(print, |call| call());
    let inside = "\n  printing inner=\"inner\"\n    * point";
    let expected = format!(
        "returns ret=\"printed\"{inside}\nfails ret=\"printed\"{inside}\nfails err=\"printed\" (failed){inside}"
    );
    assert_eq!((text, dropped), (expected, 3));
}

#[test]
fn what_impls_append_is_the_span_s() {
    let print = |f: &mut fmt::Formatter<'_>| {
        append!(appended = true);
        f.write_str("printed")
    };
    let (text, _) = with_both(print, |call| call());
    assert_eq!(
        text,
        "returns appended=true ret=\"printed\"\nfails appended=true ret=\"printed\"\n\
         fails appended=true err=\"printed\" (failed)"
    );
}

#[test]
fn impls_may_call_the_function_again() {
    let print = |f: &mut fmt::Formatter<'_>| {
        f.write_str("<")?;
        let _ = (returns("inner"), fails::<u8, _>(Err("no")));
        f.write_str(">")
    };
    let (text, _) = with_both(print, |call| call());
    let inside = "\n  returns ret=\"\\\"inner\\\"\"\n  fails err=\"no\" (failed)";
    assert_eq!(
        text,
        format!("returns ret=\"<>\"{inside}\nfails ret=\"<>\"{inside}\nfails err=\"<>\" (failed){inside}")
    );
}

#[test]
fn impls_that_fail_leave_what_they_printed_and_the_result_is_returned() {
    let print = |f: &mut fmt::Formatter<'_>| {
        f.write_str("so far")?;
        Err(fmt::Error)
    };
    let (text, dropped) = with_both(print, |call| call());
    assert_eq!(text, "returns ret=\"so far\"…\nfails ret=\"so far\"…\nfails err=\"so far\"… (failed)");
    assert_eq!(dropped, 3);
}

#[test]
fn a_panic_of_an_impl_is_the_function_s_and_the_result_is_dropped() {
    let print = |f: &mut fmt::Formatter<'_>| {
        f.write_str("some")?;
        resume_unwind(Box::new("expected"))
    };
    let (text, dropped) = with_both(print, |call| assert!(catch_unwind(AssertUnwindSafe(call)).is_err()));
    assert_eq!(
        text, "returns (panicked)\nfails (panicked)\nfails (panicked)",
        "an error that can't be told fails nothing"
    );
    assert_eq!(dropped, 3, "each once");
    let (text, _) = with_both(|f| f.write_str("after"), |call| call());
    assert!(text.starts_with("returns ret=\"after\""), "{text}");
}

/// Is not called.
fn never(_: &mut fmt::Formatter<'_>) -> fmt::Result {
    resume_unwind(Box::new("it is called"))
}

#[test]
fn what_is_not_recorded_does_not_print() {
    let _alone = alone();
    let dropped = Cell::new(0);
    let value = || Prints { print: never, dropped: &dropped };
    drop((returns(value()), fails(Ok::<_, u8>(value())), fails(Err::<u8, _>(value()))));
    assert_eq!(dropped.get(), 3);
}

/// Ends the session in its body, and begins another one.
#[traceme(ret, err)]
fn changes_the_session<T: Debug, E: Display>(
    session: &Cell<Option<Session>>,
    ended: &Cell<Option<Trace>>,
    result: Result<T, E>,
) -> Result<T, E> {
    ended.set(session.take().map(Session::stop));
    session.set(Session::start(1).ok());
    trace_scope!("new");
    result
}

#[test]
fn a_span_of_a_session_that_has_ended_gets_no_result() {
    let _alone = alone();
    let dropped = Cell::new(0);
    let value = || Prints { print: never, dropped: &dropped };
    let (session, ended) = (Cell::new(Session::start(1).ok()), Cell::new(None::<Trace>));
    let check = |result: &dyn Fn()| {
        result();
        let text = below_thread(&ended.take().unwrap().text().to_string());
        let last = text.lines().last().map(str::to_string);
        assert_eq!(last.as_deref(), Some("changes_the_session (incomplete)"), "{text}");
    };
    check(&|| drop(changes_the_session(&session, &ended, Ok::<_, u8>(value()))));
    check(&|| drop(changes_the_session(&session, &ended, Err::<u8, _>(value()))));
    let last = session.take().map(Session::stop).unwrap();
    assert_eq!(below_thread(&last.text().to_string()), "new");
    assert_eq!(dropped.get(), 2);
}

#[traceme(ret(Value), err, alert = "3600s")]
fn recurses(depth: u64) -> Result<u64, String> {
    if depth == 0 { Ok(0) } else { Ok(recurses(depth - 1)? + 1) }
}

#[traceme(err)]
fn fails_below(depth: u64) -> Result<(), String> {
    if depth == 0 { Err("at the bottom".into()) } else { fails_below(depth - 1) }
}

#[test]
fn calls_deeper_than_a_thread_keeps_return_what_they_return() {
    const DEEP: u64 = 300;
    let trace = traced(1, || {
        assert_eq!(recurses(DEEP), Ok(DEEP));
        assert_eq!(fails_below(DEEP), Err("at the bottom".into()));
    });
    assert_sound(&trace);
    let kept = trace.spans().count() as u64;
    assert_eq!(kept + trace.losses().total(), 2 * (DEEP + 1), "each span is kept or lost");
    let results = trace.spans().filter(|span| span.args().any(|(key, _)| key == "ret")).count() as u64;
    let errors = trace.spans().filter(|span| span.flags().is_failed()).count() as u64;
    assert_eq!((results, errors), (kept / 2, kept / 2), "those that are kept have their result");
}
