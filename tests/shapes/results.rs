//! `ret` and `err`: what is recorded of a result, on every way out, and that the result is the bare function's.

use std::convert::TryFrom;
use std::fmt::{self, Debug, Display};
use std::io;

use traceme::trace::Value;
use traceme::{append, traceme};

use super::support::{caught, recorded, traced, unwind};

#[traceme(ret)]
fn debug(x: u8) -> Option<u8> {
    Some(x)
}

#[traceme(ret(Debug))]
fn debug_by_name(x: &str) -> &str {
    x
}

#[traceme(ret(Display))]
fn display(x: &str) -> String {
    x.to_owned() + "!"
}

#[traceme(ret(Value))]
fn value(x: u64) -> u64 {
    x + 1
}

#[traceme(ret(Value))]
fn optional_value(x: &str) -> Option<&str> {
    x.get(1..)
}

#[traceme(ret)]
fn unit() {}

#[traceme(ret)]
#[allow(clippy::unused_unit, reason = "a shape")]
fn written_unit() -> () {}

#[traceme(ret, meta(x), level = 2, name = format!("made {}", x))]
fn with_everything(x: u8) -> u8 {
    append!(between = true);
    x * 2
}

#[test]
fn a_result_in_each_form() {
    let text = recorded(2, || {
        assert_eq!(debug(1), Some(1));
        assert_eq!(debug_by_name("a"), "a");
        assert_eq!(display("a"), "a!");
        assert_eq!(value(1), 2);
        assert_eq!((optional_value("ab"), optional_value("")), (Some("b"), None));
        unit();
        written_unit();
        assert_eq!(with_everything(4), 8);
    });
    let expected = "debug ret=\"Some(1)\"\ndebug_by_name ret=\"\\\"a\\\"\"\ndisplay ret=\"a!\"\nvalue ret=2\n\
                    optional_value ret=\"b\"\noptional_value ret=none\nunit ret=\"()\"\nwritten_unit ret=\"()\"\n\
                    made 4 x=4 between=true ret=\"8\"";
    assert_eq!(text, expected);
}

/// An error that converts into another one.
#[derive(Debug, PartialEq)]
struct Wrong(u8);

impl Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "wrong: {}", self.0)
    }
}

impl std::error::Error for Wrong {}

#[derive(Debug, PartialEq)]
struct Outer(Wrong);

impl Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "outer {}", self.0)
    }
}

impl From<Wrong> for Outer {
    fn from(wrong: Wrong) -> Self {
        Self(wrong)
    }
}

fn panics() -> u8 {
    unwind();
    0
}

/// Goes each way out: 0 to 4 succeed, 5 to 9 don't.
macro_rules! ways_out {
    ($($name:ident($($arguments:tt)*))*) => { $(
        #[traceme($($arguments)*)]
        fn $name(way: u8) -> Result<u8, Outer> {
            let fails = |with: u8| if way == with { Err(Wrong(with)) } else { Ok(()) };
            if way == 0 {
                return Ok(10);
            }
            if way == 5 {
                return Err(Outer(Wrong(5)));
            }
            fails(6)?;
            let found = loop {
                match way {
                    1 => break Some(11),
                    2 => return Ok(12),
                    7 => return Err(Wrong(7).into()),
                    10 => return Ok(panics()),
                    _ => break None,
                }
            };
            for _ in 0..1 {
                fails(8)?;
                if way == 3 {
                    return Ok(13);
                }
            }
            if way == 9 { Err(Outer(Wrong(9))) } else { Ok(found.unwrap_or(way)) }
        }
    )* };
}

ways_out! {
    whole(ret)
    only_err(err)
    err_debug(err(Debug))
    both(ret, err)
    both_shown(err(Display), ret(Display))
    both_mixed(ret(Value), err(Debug))
}

#[test]
fn every_way_out_records_the_result_and_flags_errors() {
    let successes = [10, 11, 12, 13, 4];
    for (way, result) in (0..).zip(successes.iter().copied()) {
        let text = recorded(1, || {
            for f in [whole, only_err, err_debug, both, both_shown, both_mixed].iter() {
                assert_eq!(f(way), Ok(result));
            }
        });
        let expected = format!(
            "whole ret=\"Ok({0})\"\nonly_err\nerr_debug\nboth ret=\"{0}\"\nboth_shown ret=\"{0}\"\nboth_mixed ret={0}",
            result
        );
        assert_eq!(text, expected);
    }
    for way in 5..10 {
        let text = recorded(1, || {
            for f in [whole, only_err, err_debug, both, both_shown, both_mixed].iter() {
                assert_eq!(f(way), Err(Outer(Wrong(way))));
            }
        });
        let shown = format!("err=\"outer wrong: {}\" (failed)", way);
        let debugged = format!("err=\"Outer(Wrong({}))\" (failed)", way);
        let expected = format!(
            "whole ret=\"Err(Outer(Wrong({2})))\"\nonly_err {0}\nerr_debug {1}\nboth {0}\nboth_shown {0}\nboth_mixed {1}",
            shown, debugged, way
        );
        assert_eq!(text, expected);
    }
}

#[test]
fn a_panic_is_no_error_and_leaves_no_result() {
    let text = recorded(1, || {
        for f in [whole, only_err, both].iter() {
            assert!(caught(|| f(10)));
        }
    });
    assert_eq!(text, "whole (panicked)\nonly_err (panicked)\nboth (panicked)");
}

#[test]
fn a_summary_counts_what_failed() {
    let trace = traced(1, || (0..10).for_each(|way| drop((only_err(way), whole(way)))));
    let summary = trace.summary();
    let counts = |name: &str| summary.span(name).map(|span| (span.count, span.failed, span.panicked));
    assert_eq!((counts("only_err"), counts("whole")), (Some((10, 5, 0)), Some((10, 0, 0))));
}

/// Counts how often it is printed.
struct Counted<'a>(&'a std::cell::Cell<u32>);

impl Debug for Counted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.set(self.0.get() + 1);
        f.write_str("counted")
    }
}

#[traceme(level = 2, ret)]
fn prints<'a>(count: &'a std::cell::Cell<u32>) -> Counted<'a> {
    Counted(count)
}

#[traceme(level = 2, ret, err(Debug))]
fn prints_one<'a>(count: &'a std::cell::Cell<u32>, fails: bool) -> Result<Counted<'a>, Counted<'a>> {
    if fails { Err(Counted(count)) } else { Ok(Counted(count)) }
}

#[test]
fn results_are_printed_once_and_only_if_recorded() {
    let count = std::cell::Cell::new(0);
    let all = || drop((prints(&count), prints_one(&count, false), prints_one(&count, true)));
    assert_eq!(
        recorded(2, all),
        "prints ret=\"counted\"\nprints_one ret=\"counted\"\nprints_one err=\"counted\" (failed)"
    );
    assert_eq!(count.take(), 3);
    assert_eq!((recorded(1, all).as_str(), count.take()), ("", 0), "a level that is not recorded");
    let _alone = super::support::alone();
    all();
    assert_eq!(count.take(), 0, "no session");
}

type Short<T> = Result<T, Wrong>;
type Whole = Result<(), String>;
type Nested<'a> = Short<&'a str>;

#[traceme(err)]
fn io_result(path: &str) -> io::Result<u64> {
    let metadata = std::fs::metadata(path)?;
    Ok(metadata.len())
}

#[traceme(err, ret)]
fn alias(x: u8) -> Short<u8> {
    if x == 0 { Err(Wrong(x)) } else { Ok(x) }
}

#[traceme(err, ret)]
fn whole_alias(x: u8) -> Whole {
    if x == 0 { Err("zero".into()) } else { Ok(()) }
}

#[traceme(err, ret)]
fn nested_alias(x: &str) -> Nested<'_> {
    Ok(x)
}

#[traceme(err)]
fn boxed_error(text: &str) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
    if text.is_empty() {
        return Err("empty".into());
    }
    let number: u8 = text.parse()?;
    Ok(u32::from(number))
}

#[traceme(ret, err)]
fn formats(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("formatted")
}

impl Display for Whoever {
    #[traceme(err)]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        formats(f)
    }
}

struct Whoever;

#[traceme(err)]
#[allow(unused_qualifications, reason = "a shape")]
fn qualified(x: u8) -> std::result::Result<u8, std::num::TryFromIntError> {
    u8::try_from(u16::from(x) * 100)
}

#[traceme(ret, err)]
#[allow(unused_parens, reason = "a shape")]
#[rustfmt::skip]
fn parenthesised(x: u8) -> (Result<u8, (Wrong)>) {
    alias(x)
}

#[traceme(err(Debug))]
fn result_of_a_result(x: u8) -> Result<Result<u8, Wrong>, ()> {
    Ok(Err(Wrong(x)))
}

#[test]
fn results_by_other_names() {
    let text = recorded(1, || {
        assert!(io_result("/nowhere at all").is_err());
        assert_eq!((alias(0), alias(1)), (Err(Wrong(0)), Ok(1)));
        assert_eq!((whole_alias(0), whole_alias(1)), (Err("zero".to_string()), Ok(())));
        assert_eq!(nested_alias("x"), Ok("x"));
        assert!(boxed_error("").is_err() && boxed_error("x").is_err());
        assert_eq!(boxed_error("1").ok(), Some(1));
        assert_eq!(Whoever.to_string(), "formatted");
        assert!(qualified(3).is_err());
        assert_eq!(parenthesised(1), Ok(1));
        assert_eq!(result_of_a_result(1), Ok(Err(Wrong(1))));
    });
    let (io_error, rest) = text.split_once('\n').unwrap_or_default();
    assert!(io_error.starts_with("io_result err=\"") && io_error.ends_with("\" (failed)"), "{}", io_error);
    let expected = "alias err=\"wrong: 0\" (failed)\nalias ret=\"1\"\nwhole_alias err=\"zero\" (failed)\n\
                    whole_alias ret=\"()\"\nnested_alias ret=\"\\\"x\\\"\"\nboxed_error err=\"empty\" (failed)\n\
                    boxed_error err=\"invalid digit found in string\" (failed)\nboxed_error\nfmt\n  formats ret=\"()\"\n\
                    qualified err=\"out of range integral type conversion attempted\" (failed)\n\
                    parenthesised ret=\"1\"\n  alias ret=\"1\"\nresult_of_a_result";
    assert_eq!(rest, expected);
}

#[traceme(ret)]
fn long(length: usize) -> String {
    "x".repeat(length)
}

#[test]
fn a_long_result_is_cut_and_marked() {
    let trace = traced(1, || assert_eq!(long(10_000).len(), 10_000));
    let spans: Vec<_> = trace.spans().collect();
    let args: Vec<_> = spans.iter().flat_map(|span| span.args()).collect();
    let kept = String::from("\"") + &"x".repeat(4093);
    match args.as_slice() {
        [("ret", Value::Str(text))] => assert_eq!((text.to_str().as_ref(), text.is_cut()), (kept.as_str(), true)),
        other => assert_eq!(other.len(), 1, "{:?}", other),
    }
}
