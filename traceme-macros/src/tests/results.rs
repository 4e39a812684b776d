//! `ret`, `err` and `alert`: what is planned, and what is wrong with them.

use super::{planned, tokens, wrong, wrong_on};
use crate::annotate;
use crate::syntax::Shown;

const RESULT: &str = "fn f() -> Result<u8, E> { body() }";
const NO_RESULT: &str = "`err` is for functions that return a `Result`: remove it, or use `ret`";

#[test]
fn how_results_are_recorded() {
    for (arguments, ret, err) in [
        ("", None, None),
        ("ret", Some(Shown::Debug), None),
        ("ret(Debug)", Some(Shown::Debug), None),
        ("ret(Display),", Some(Shown::Display), None),
        ("ret(Value), err", Some(Shown::Value), Some(Shown::Display)),
        ("err(Display)", None, Some(Shown::Display)),
        ("err(Debug), ret", Some(Shown::Debug), Some(Shown::Debug)),
    ] {
        let plan = planned(arguments, RESULT);
        assert_eq!((plan.ret.as_ref().map(|ret| ret.shown), plan.err.as_ref().map(|err| err.shown)), (ret, err));
        let places = [("ret", plan.ret), ("err", plan.err)];
        for (key, outcome) in places {
            let place = outcome.and_then(|outcome| outcome.span.source_text());
            assert!(place.is_none_or(|place| place == key), "type errors point at the argument");
        }
    }
}

#[test]
fn forms_that_are_wrong() {
    let of_ret = "expected one of `Value`, `Display`, `Debug`";
    let of_err = "expected one of `Display`, `Debug`";
    let wrong = |arguments: &str, message: &str, at: &str| wrong_on(arguments, RESULT, &[(message, at)]);
    wrong("ret(debug)", &format!("unknown form `debug`, did you mean `Debug`? {of_ret}"), "debug");
    wrong("err(level)", &format!("unknown form `level`, {of_err}"), "level");
    wrong("ret = true", "expected `,` or parentheses, as in `ret` or `ret(Debug)`", "=");
    wrong("err Debug", "expected `,` or parentheses, as in `err` or `err(Debug)`", "Debug");
    wrong("ret()", "expected a word, as in `ret(Debug)`", "ret");
    wrong("ret(?)", "expected a word, as in `ret(Debug)`", "?");
    wrong("ret(Debug, Display)", "expected `)`, as in `ret(Debug)`", ",");
    wrong("err(Value)", "an error is recorded as text: `err(Display)` or `err(Debug)`", "Value");
}

#[test]
fn functions_whose_result_cannot_be_recorded() {
    let tracked = |key: &str| {
        format!(
            "`{key}` cannot stand on a `#[track_caller]` function: its body would run in a closure, and take that for \
             its caller; remove one of the two"
        )
    };
    let function = format!("#[inline] #[track_caller] {RESULT}");
    wrong_on("ret, level = 2, err", &function, &[(&tracked("ret"), "ret"), (&tracked("err"), "err")]);
    wrong_on("err", &format!("#[cfg_attr(a, inline, track_caller)] {RESULT}"), &[(&tracked("err"), "err")]);
    planned("level = 2, alert = \"1s\"", &function);
    planned("ret", &format!("#[cfg_attr(track_caller, inline)] {RESULT}"));

    let unnameable = |key: &str| {
        format!(
            "`{key}` cannot record an `impl Trait`: the body would run in a closure, whose type cannot be named; \
             return a type with a name, or record the result in the body"
        )
    };
    for output in ["impl Fn() -> u8", "Result<Vec<(u8, impl Clone)>, E>", "[impl Clone; 2]", "Box<dyn Tr<X = impl Y>>"]
    {
        let function = format!("fn f() -> {output} {{}}");
        wrong_on("ret", &function, &[(&unnameable("ret"), "impl")]);
        planned("", &function);
    }
    wrong_on("err, ret", "fn f() -> Result<impl Clone, E> {}", &[(&unnameable("ret"), "impl")]);
    planned("ret", "fn f(x: impl Clone) -> [u8; { impl_(); 2 }] {}");
}

#[test]
fn functions_without_a_result() {
    wrong_on("ret", "fn f() -> ! {}", &[("`ret` is for functions that return: remove it", "ret")]);
    wrong("err", &[(NO_RESULT, "err")]);
    wrong_on("err", "fn f() -> ! {}", &[("`err` is for functions that return a `Result`: remove it", "!")]);
    for output in ["()", "(u8, u8)", "[u8; 2]", "&Result<u8, u8>", "*const u8", "fn() -> u8", "u64", "(bool)"] {
        let at = output.trim_start_matches("(bool").trim_end_matches(')');
        let at = if output == "(bool)" {
            "bool"
        } else if at.is_empty() || output.starts_with('(') {
            output
        } else {
            at
        };
        wrong_on("err", &format!("fn f() -> {output} {{}}"), &[(NO_RESULT, at)]);
    }
    for output in
        ["Result<(), E>", "io::Result<u8>", "Self", "Self::Output", "T", "Outcome", "ty!()", "(io::Result<u8>)"]
    {
        planned("err", &format!("fn f() -> {output} {{}}"));
    }
    planned("ret", "fn f() {}");
}

#[test]
fn times_of_alerts() {
    for (text, nanoseconds) in [
        ("1ns", 1),
        ("250us", 250_000),
        ("250\u{b5}s", 250_000),
        ("250\u{3bc}s", 250_000),
        ("5ms", 5_000_000),
        ("005ms", 5_000_000),
        ("1.5s", 1_500_000_000),
        ("0.25us", 250),
        ("0.000000001s", 1),
        ("2.0000000000s", 2_000_000_000),
        ("1.0ns", 1),
        ("86400s", 86_400_000_000_000),
        ("18446744073709551615ns", u64::MAX),
        ("18446744073.709551615s", u64::MAX),
    ] {
        let alert = planned(&format!("alert = \"{text}\""), "fn f() {}").alert.expect("an alert");
        assert_eq!(alert.nanoseconds, nanoseconds, "{text}");
        assert_eq!(alert.span.source_text(), Some(format!("\"{text}\"")));
    }
    assert!(planned("", "fn f() {}").alert.is_none());
}

#[test]
fn times_that_are_wrong() {
    let units = "expected one of `ns`, `us`, `ms`, `s`";
    let example = "as in `alert = \"5ms\"` or `alert = \"1.5s\"`";
    let number = &format!("expected a number and its unit, {example}");
    let zero = "an alert is a time above 0: every span takes that long";
    let fine = "an alert is a whole number of nanoseconds";
    let large = "an alert of more than 18446744073709551615 nanoseconds, 584 years, cannot be counted";
    for (text, message) in [
        ("", format!("an alert needs a time, {example}").as_str()),
        ("5", &format!("this time has no unit, {units}")),
        ("1.5", &format!("this time has no unit, {units}")),
        ("5sec", &format!("unknown unit `sec`, {units}")),
        ("5 ms", &format!("unknown unit ` ms`, did you mean `ms`? {units}")),
        ("5MS", &format!("unknown unit `MS`, {units}")),
        ("1e3ms", &format!("unknown unit `e3ms`, {units}")),
        ("5ms!", &format!("unknown unit `ms!`, did you mean `ms`? {units}")),
        ("0ms", zero),
        ("0.000s", zero),
        ("-5ms", "an alert is a time above 0"),
        ("0.5ns", fine),
        ("1.0000000001s", fine),
        ("18446744073709551616ns", large),
        ("99999999999999999999999s", large),
        ("ms", number),
        ("5.ms", number),
        (".5ms", number),
        ("1.2.3ms", number),
        ("five ms", number),
        (" 5ms", number),
    ] {
        wrong(&format!("alert = \"{text}\""), &[(message, &format!("\"{text}\""))]);
    }
    let quotes = "an alert is a time in quotes, as in `alert = \"5ms\"`";
    for value in ["5", "-5", "LIMIT", "b\"5ms\"", "5ms", "Duration::from_millis(5)"] {
        wrong(&format!("alert = {value}"), &[(quotes, value)]);
    }
    wrong("alert", &[("`alert` needs a value, as in `alert = \"5ms\"`", "alert")]);
    wrong("alert(\"5ms\")", &[("expected `=`, as in `alert = \"5ms\"`", "(")]);
}

/// The body's closure owns these arguments of a function with `ret`.
fn owns(arguments: &str, expected: &str) {
    owns_and_returns(arguments, "u8", expected);
}

fn owns_and_returns(arguments: &str, result: &str, expected: &str) {
    let function = format!("fn f<'a, T: Fn(&mut u8) -> u8>({arguments}) -> {result} {{ body() }}");
    let expansion = annotate(tokens("ret"), tokens(&function)).to_string();
    let expected = tokens(&format!("__traceme_guard [{expected}] [|| ->] [{result}] {{ body() }}")).to_string();
    assert!(expansion.contains(&expected), "{expansion}");
}

#[test]
fn the_closure_owns_mutable_references() {
    owns("", "");
    owns("_: &mut u8, a: &mut u8", "a");
    owns("a: &mut u8, b: &'a mut T, c: *mut u8, ref mut d: &u8, &mut e: &mut u8, mut f: u8, mut g: Vec<u8>", "a b");
    owns("mut a: &mut u8, b: u8, mut c: Option<&'a T>, mut d: Cursor<'a>, mut e: impl Fn(&u8)", "a c d e");
    owns("(mut a, b): (&mut u8, u8), [mut c, .., d]: [&T; 9], S { x: mut e, ref mut f }: S<'a>", "a c e");
    owns("mut self, mut a: HashMap<u8, &u8>", "a");
    owns("mut self: Pin<&mut Self>, #[cfg(a)] mut a: fn(&u8) -> Map<u8, u8>, mut b: u8", "self #[cfg(a)] a");
    owns_and_returns("mut self, a: &u8, mut b: Cursor", "Result<&mut u8, E>", "self b");
    owns_and_returns("mut self, mut a: u8", "Cursor<'a>", "self a");
    owns("&mut self, mut a @ b: &u8, Ok(mut c) | Err(mut c): Result<&u8, &u8>", "self a c c");
}

#[test]
fn a_named_guard_is_a_reference() {
    let expansion = annotate(tokens("ret, span = s"), tokens("fn f() { s }")).to_string();
    let expected = tokens("let s = &__traceme_guard; match s { _ => {} }").to_string();
    assert!(expansion.contains(&expected), "{expansion}");
}
