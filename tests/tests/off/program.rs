//! A program that is traced in all ways, compiled by `main.rs` with recording compiled out.

use std::time::{Duration, Instant};

use traceme::session::Alert;
use traceme::{
    Flow, Level, Session, Timestamp, activity, activity_end, activity_start, instant, now, record_span, recorder, step,
    trace_scope,
};

fn main() {
    let flow = Flow::new();
    trace_scope!("work", flow_out = flow);
    instant!("point", flow_in = flow);
    assert_eq!(step!("step", 7, level = 2, flow_in = Flow::of("rpc", 7), meta(of = 8), { 1 }), 1);
    step!("rest", flow.id());
    let job = activity!("job", flow_out = flow);
    assert!(!job.is_recorded() && activity!("part", parent = &job).id() == 0);
    job.end();
    activity_end(activity_start("raw", Level::CRITICAL));
    let start: Timestamp = Instant::now().into();
    let end = now() + Duration::from_secs(1) - Duration::from_millis(1);
    record_span("measured", start..end, &[("bytes", &flow.id()), ("of", &"text")]);
    assert!(start == end && end - start == Duration::ZERO, "no clock is read");
    println!("flow {}, active {}", flow.id(), traceme::active(Level::CRITICAL) || recorder::active(Level::CRITICAL));
    assert!(traceme::selftest().is_err_and(|error| error.is_disabled()));
    let session = Session::builder().on_alert(|alert: &Alert| println!("{alert}")).start();
    assert!(session.is_err_and(|error| error.is_disabled()));
    for wrong in [Session::builder().budget(0.0), Session::builder().budget(0.01).in_children(true)] {
        assert!(wrong.start().is_err_and(|error| error.is_budget()), "told as where recording is compiled in");
    }
    match traceme::init() {
        Ok(tracing) => println!("{} {:?}", tracing.is_recording(), tracing.finish()),
        Err(error) => println!("disabled {}, filter {}: {error}", error.is_disabled(), error.is_filter()),
    }
}
