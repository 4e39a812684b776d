//! Guards that are kept across an `.await`, on a local executor, where that compiles.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::env;
use std::process::Command;

use common::{assert_sound, traced as trace_of};
use tokio::runtime::Builder;
use tokio::task::{LocalSet, spawn_local, yield_now};
use traceme::trace::Span;
use traceme::{Trace, span, trace_scope, traced};

/// The line that keeps a guard.
const KEPT: u32 = line!() + 3;

async fn work() {
    trace_scope!("kept");
    yield_now().await;
    trace_scope!("after");
}

async fn tidy() {
    drop(span!("ended"));
    yield_now().await;
}

/// Two tasks at once that keep a guard, and two that don't.
fn recorded() -> Trace {
    trace_of(1, || {
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(LocalSet::new().run_until(async {
            let tasks = [1, 2].map(|_| (spawn_local(traced!(work(), "work")), spawn_local(traced!(tidy(), "tidy"))));
            for (work, tidy) in tasks {
                work.await.unwrap();
                tidy.await.unwrap();
            }
        }));
    })
}

#[test]
fn the_span_overlaps_and_the_summary_names_it() {
    let trace = recorded();
    assert_sound(&trace);
    let kept: Vec<Span<'_>> = trace.spans().filter(|span| span.name() == "kept".into()).collect();
    assert!(
        kept.len() == 2 && kept.iter().all(|span| span.flags().is_overlapping() && span.end().is_some()),
        "{kept:?}"
    );
    let summary = trace.summary();
    let held = |name| summary.span(name).map(|span| span.held_across_await);
    assert_eq!([held("kept"), held("after"), held("ended"), held("work")], [2, 0, 0, 0].map(Some));
    assert!(summary.to_string().contains("kept across an await, by mistake: kept 2\n"), "{summary}");
}

#[test]
fn debug_builds_name_the_callsite_once() {
    const IN_CHILD: &str = "TRACEME_TEST_ACROSS_AWAIT";
    if env::var_os(IN_CHILD).is_some() {
        drop((recorded(), recorded()));
        return;
    }
    let test = ["debug_builds_name_the_callsite_once", "--exact", "--nocapture"];
    let child = Command::new(env::current_exe().unwrap()).args(test).env(IN_CHILD, "1").output().unwrap();
    assert!(child.status.success(), "{child:?}");
    let told = String::from_utf8(child.stderr).unwrap();
    let told: Vec<&str> = told.lines().filter(|line| line.starts_with("traceme: ")).collect();
    if cfg!(debug_assertions) {
        let start = format!(
            "traceme: the guard of span \"kept\" ({}:{KEPT}) outlives a poll, as if it was kept across an `.await`: ",
            file!()
        );
        assert!(told.len() == 1 && told[0].starts_with(&start), "{told:#?}");
    } else {
        assert_eq!(told, [""; 0]);
    }
}
