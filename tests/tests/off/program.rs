//! A program that is traced in all ways, compiled by `main.rs` with recording compiled out.

use traceme::{Flow, Level, instant, recorder, trace_scope};

fn main() {
    let flow = Flow::new();
    trace_scope!("work", flow_out = flow);
    instant!("point", flow_in = flow);
    println!("flow {}, active {}", flow.id(), traceme::active(Level::CRITICAL) || recorder::active(Level::CRITICAL));
    match traceme::init() {
        Ok(tracing) => println!("{} {:?}", tracing.is_recording(), tracing.finish()),
        Err(error) => println!("disabled {}, filter {}: {error}", error.is_disabled(), error.is_filter()),
    }
}
