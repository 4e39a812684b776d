//! An annotated program for WebAssembly, which can't record: its annotations do nothing, and starting a session says why.
//!
//! `ci/targets.sh` has Node.js run it by `run.mjs`. A panic is a trap there.
#![cfg(target_family = "wasm")]

use std::cell::Cell;

use traceme::{Flow, Level, Session, activity, append, counter, instant, recorder, span, trace_scope, traceme};

/// Gives 0, or the line of the first of these that isn't so.
#[allow(unsafe_code, reason = "the name by which it is called from outside")]
#[unsafe(no_mangle)]
pub extern "C" fn run() -> u32 {
    match check() {
        Ok(()) => 0,
        Err(line) => line,
    }
}

/// How often metadata was evaluated.
struct Evaluated(Cell<u32>);

impl Evaluated {
    fn once(&self) -> u32 {
        self.0.set(self.0.get() + 1);
        self.0.get()
    }
}

#[traceme(level = 1, meta(n = evaluated.once()), err)]
fn annotated(evaluated: &Evaluated, numbers: &[u32]) -> Result<u32, String> {
    trace_scope!("adding up", level = 1, meta(n = evaluated.once()));
    let sum = numbers.iter().sum();
    append!(sum = evaluated.once());
    if sum > 5 { Ok(sum) } else { Err(format!("{sum} is too little")) }
}

macro_rules! so {
    ($holds:expr) => {
        if !$holds {
            return Err(line!());
        }
    };
}

fn check() -> Result<(), u32> {
    let evaluated = Evaluated(Cell::new(0));
    so!(annotated(&evaluated, &[1, 2, 3]) == Ok(6));
    so!(annotated(&evaluated, &[1]).is_err());

    let flow = Flow::new();
    let guard = span!("guard", level = 1, flow_out = flow, meta(n = evaluated.once()));
    append!(guard, late = evaluated.once());
    instant!("instant", level = 1, flow_in = flow, meta(n = evaluated.once()));
    counter!("counter", evaluated.once(), level = 1);
    guard.stop();
    let activity = activity!("activity", level = 1, meta(n = evaluated.once()));
    so!(!activity.is_recorded());
    activity.end();
    traceme::activity_end(traceme::activity_start("raw", Level::CRITICAL));
    so!(evaluated.0.get() == 0);

    so!(!traceme::active(Level::CRITICAL));
    so!(!recorder::start(Level::ALL));
    so!(recorder::stop().is_empty());
    let Err(error) = Session::start(Level::ALL) else { return Err(line!()) };
    so!(error.is_disabled());
    so!(error.to_string().starts_with("this target can't record: it has not a clock and threads"));
    // What is wrong with the call is told first.
    so!(Session::start(0).is_err_and(|error| error.is_level()));
    so!(traceme::init().is_ok_and(|tracing| !tracing.is_recording()));

    so!(traceme::selftest().is_err_and(|error| error.is_disabled()));
    // There is no clock that a span could have been measured with elsewhere.
    traceme::record_span("elsewhere", traceme::now()..traceme::now(), &[]);
    so!(!traceme::callsites().iter().any(|site| site.is_enabled));

    let trace = traceme::Trace::default();
    so!(trace.summary().to_string().len() < 1000);
    so!(trace.event_count() == 0 && trace.text().to_string().is_empty());
    so!(trace.save("trace.json").is_err_and(|error| error.is_file()));
    so!(annotated(&evaluated, &[4, 5]) == Ok(9));
    so!(evaluated.0.get() == 0);
    Ok(())
}
