//! Errors and panics in a trace: what went wrong is on the span that it went wrong in.
//!
//! `cargo run --release -p examples --bin error_handling`

#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::num::ParseIntError;
use std::panic::catch_unwind;

use traceme::trace::Value;
use traceme::{Session, append, trace_scope, traceme};

/// `?` leaves the block and the function as it does without a trace; both spans end there.
#[traceme(level = 1, span = span, meta(text))]
fn parse(text: &str) -> Result<u32, ParseIntError> {
    let number = trace_scope!("parse number", level = 2, { text.trim().parse::<u32>()? });
    append!(span, number);
    Ok(number)
}

/// The error, once, where it is handled: on the innermost span, which is this function's.
#[traceme(level = 1)]
fn parse_or_zero(text: &str) -> u32 {
    parse(text).unwrap_or_else(|error| {
        append!(ok = false, error = %error);
        0
    })
}

/// A span that a panic goes through ends there, and is marked.
#[traceme(level = 1)]
fn divide(dividend: u32, divisor: u32) -> u32 {
    trace_scope!("division", level = 2);
    dividend / divisor
}

fn main() -> Result<(), traceme::Error> {
    let session = Session::start(2)?;
    assert_eq!(parse_or_zero(" 12 "), 12);
    assert_eq!(parse_or_zero("a dozen"), 0);
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    assert!(catch_unwind(|| divide(12, 0)).is_err());
    std::panic::set_hook(quiet);
    assert_eq!(divide(12, 4), 3);
    let trace = session.stop();
    println!("{}", trace.text());

    let errors = trace.spans().flat_map(|span| span.args()).filter(|(key, _)| *key == "error");
    let errors: Vec<Value<'_>> = errors.map(|(_, error)| error).collect();
    assert_eq!(errors, [Value::Str("invalid digit found in string".into())]);

    let panicked: Vec<String> =
        trace.spans().filter(|span| span.flags().is_panicked()).map(|span| span.name().to_string()).collect();
    assert_eq!(panicked, ["divide", "division"]);
    assert!(trace.spans().all(|span| span.end().is_some()), "all spans have ended, whichever way they were left");
    Ok(())
}
