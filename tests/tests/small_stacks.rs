//! Threads whose stacks are small record as others do: what a thread needs at its first event isn't there.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::thread::Builder;

use common::alone;
use traceme::{Session, append, instant, trace_scope, traceme};

#[traceme(meta(n, text = %text), alert = "1ns", ret)]
fn annotated(n: u64, text: &str) -> usize {
    trace_scope!("scope", meta(twice = 2 * n));
    instant!("point", meta(text));
    append!(appended = ?text);
    text.len()
}

#[test]
fn a_stack_of_20_kib_is_enough() {
    let _alone = alone();
    for _ in 0..2 {
        let session = Session::builder().on_alert(|_| {}).start().unwrap();
        let thread = Builder::new().stack_size(20 << 10).spawn(|| annotated(1, "some text")).unwrap();
        assert_eq!(thread.join().unwrap(), 9);
        let trace = session.stop();
        assert_eq!((trace.spans().count(), trace.instants().count(), trace.losses().total()), (2, 1, 0));
    }
}
