//! Spans with a limit: which of them are flagged, and what the session's handlers hear of them.
//!
//! Where figures are exact the clock is a mock; that of the processor is tested in processes of their own.
#![allow(clippy::unwrap_used, clippy::mem_forget, clippy::panic, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;
mod flags;
mod handlers;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{alone, assert_sound, below_thread, spawn};
use traceme::__private::mock;
use traceme::session::Alert;
use traceme::{Session, Trace};

/// A span with a limit in ns.
macro_rules! limited {
    ($name:literal, $limit:expr) => {
        traceme::__private::alert(traceme::span!($name, level = 2), $limit)
    };
    ($name:literal, $limit:expr, $key:ident) => {
        traceme::__private::alert(traceme::span!($name, level = 2, meta($key)), $limit)
    };
}
use limited;

/// Name, duration and limit in ns, as a handler is told.
type Told = Arc<Mutex<Vec<(String, u64, u64)>>>;

fn log(told: &Told) -> impl FnMut(&Alert) + Send + 'static {
    let told = Arc::clone(told);
    let ns = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap();
    move |alert| told.lock().unwrap().push((alert.name(), ns(alert.duration), ns(alert.limit)))
}

fn told(told: &Told) -> Vec<(String, u64, u64)> {
    std::mem::take(&mut told.lock().unwrap())
}

/// What `work` records on a thread of its own from 1000 on, on a clock that it sets, and what the handler is told.
fn recorded(work: impl FnOnce() + Send + 'static) -> (Trace, Vec<(String, u64, u64)>) {
    let _alone = alone();
    mock(1000);
    let heard = Told::default();
    let session = Session::builder().on_alert(log(&heard)).start().unwrap();
    spawn("work", work).join().unwrap();
    let trace = session.stop();
    assert_sound(&trace);
    assert_eq!(trace.missed_alerts(), 0);
    let flagged = trace.spans().filter(|span| span.flags().is_alerted()).count();
    let heard = told(&heard);
    assert_eq!(flagged, heard.len(), "{heard:?}");
    (trace, heard)
}

fn text(trace: &Trace) -> String {
    below_thread(&trace.text().to_string())
}

fn at(ns: u64) {
    mock(1000 + ns);
}

fn alert(name: &str, duration: u64, limit: u64) -> (String, u64, u64) {
    (name.into(), duration, limit)
}
