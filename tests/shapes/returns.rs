//! What functions give: `impl Trait`, trait objects, coercions, nothing, never.

use std::error::Error;
use std::fmt::{Debug, Display};
use std::panic::catch_unwind;

use traceme::traceme;

use super::support::recorded;

#[traceme(meta(limit))]
fn impl_iterator(limit: u8) -> impl Iterator<Item = u8> + Clone {
    (0..limit).filter(|n| n % 2 == 1)
}

#[traceme(meta(count = N))]
fn impl_with_use<'a, T: Ord, const N: usize>(values: &'a [T; N]) -> impl Iterator<Item = &'a T> + use<'a, T, N> {
    values.iter().filter(move |value| **value > values[0])
}

#[traceme]
fn impl_that_captures_nothing(text: &str) -> impl Display + use<> {
    text.len()
}

#[traceme]
fn impl_fn(step: u8) -> impl Fn(u8) -> u8 {
    move |x| x + step
}

#[traceme]
fn closure_from_reference_to_reference() -> impl Fn(&str) -> &str {
    |text| text.trim()
}

#[traceme]
fn closure_with_a_bound_lifetime() -> impl for<'a> Fn(&'a [u8], &u8) -> Option<&'a u8> {
    |bytes, wanted| bytes.iter().find(|byte| *byte == wanted)
}

#[traceme]
fn nested_impl() -> (impl Debug, Option<impl Iterator<Item = impl Display>>) {
    (1, Some(["x"].iter()))
}

#[test]
fn opaque_types() {
    let text = recorded(1, || {
        assert_eq!(impl_iterator(6).collect::<Vec<_>>(), [1, 3, 5]);
        assert_eq!(impl_with_use(&[2, 1, 3]).count(), 1);
        let shown = impl_that_captures_nothing(&String::from("four"));
        assert_eq!(shown.to_string(), "4");
        assert_eq!(impl_fn(2)(3), 5);
        assert_eq!(closure_from_reference_to_reference()(&String::from(" x ")), "x");
        assert_eq!(closure_with_a_bound_lifetime()(&[1, 2], &2), Some(&2));
        let (number, texts) = nested_impl();
        assert_eq!((format!("{:?}", number), texts.into_iter().flatten().count()), (String::from("1"), 1));
    });
    let expected = "impl_iterator limit=6\nimpl_with_use count=3\nimpl_that_captures_nothing\nimpl_fn\n\
                    closure_from_reference_to_reference\nclosure_with_a_bound_lifetime\nnested_impl";
    assert_eq!(text, expected);
}

#[traceme]
fn boxed_closure(up: bool) -> Box<dyn Fn(u8) -> u8> {
    if up { Box::new(|x| x + 1) } else { Box::new(|x| x - 1) }
}

#[traceme]
fn boxed_closure_with_a_signature() -> Box<dyn Fn(&str) -> &str> {
    Box::new(|text| text.trim())
}

#[traceme]
fn object_by_reference(number: &u8) -> &dyn Display {
    number
}

#[traceme]
fn array_to_slice(numbers: &[u8; 2]) -> &[u8] {
    numbers
}

#[traceme]
fn string_to_str(text: &String) -> &str {
    text
}

#[traceme]
fn mutable_to_shared(number: &mut u8) -> &u8 {
    *number += 1;
    number
}

#[traceme]
fn closure_to_pointer() -> fn(u8) -> u8 {
    |x| x * 2
}

#[traceme]
fn boxed_error(fail: bool) -> Result<u8, Box<dyn Error>> {
    if fail {
        return Err("failed".into());
    }
    let parsed = "7".parse::<u8>()?;
    Ok(parsed)
}

#[traceme]
fn boxed_slice() -> Box<[u8]> {
    Box::new([1, 2])
}

#[test]
fn coercions_at_the_end_of_a_body() {
    let text = recorded(1, || {
        assert_eq!(boxed_closure(true)(1) + boxed_closure(false)(1), 2);
        assert_eq!(boxed_closure_with_a_signature()(" x"), "x");
        assert_eq!(object_by_reference(&4).to_string(), "4");
        assert_eq!(array_to_slice(&[1, 2]).len() + string_to_str(&String::from("x")).len(), 3);
        assert_eq!(*mutable_to_shared(&mut 1), 2);
        assert_eq!(closure_to_pointer()(2), 4);
        assert_eq!(boxed_error(true).expect_err("it failed").to_string(), "failed");
        assert_eq!(boxed_error(false).ok(), Some(7));
        assert_eq!(*boxed_slice(), [1, 2]);
    });
    let expected = "boxed_closure\nboxed_closure\nboxed_closure_with_a_signature\nobject_by_reference\n\
                    array_to_slice\nstring_to_str\nmutable_to_shared\nclosure_to_pointer\nboxed_error\n\
                    boxed_error\nboxed_slice";
    assert_eq!(text, expected);
}

#[traceme]
fn inferred_from_the_result() -> Vec<u64> {
    "1 2".split(' ').flat_map(str::parse).collect()
}

#[traceme]
fn inferred_default() -> (u8, String) {
    Default::default()
}

#[traceme]
fn integer_fallback() -> impl Debug {
    let negative = !0;
    negative
}

#[traceme]
fn literal_of_the_type() -> u64 {
    0xffff_ffff_ffff
}

#[traceme]
#[allow(clippy::unused_unit, reason = "a shape")]
fn explicit_unit() -> () {
    ()
}

#[traceme]
fn tuple() -> (u8, &'static str) {
    (1, "x")
}

#[test]
fn inference_comes_from_the_result() {
    let text = recorded(1, || {
        assert_eq!(inferred_from_the_result(), [1, 2]);
        assert_eq!(inferred_default(), (0, String::new()));
        assert_eq!(format!("{:?}", integer_fallback()), "-1");
        assert_eq!(literal_of_the_type(), 0xffff_ffff_ffff);
        explicit_unit();
        assert_eq!(tuple(), (1, "x"));
    });
    let expected = "inferred_from_the_result\ninferred_default\ninteger_fallback\nliteral_of_the_type\n\
                    explicit_unit\ntuple";
    assert_eq!(text, expected);
}

#[traceme]
fn never(message: &str) -> ! {
    panic!("{}", message)
}

#[traceme]
fn never_in_a_statement(code: u8) -> ! {
    std::panic::resume_unwind(Box::new(code));
}

#[traceme]
fn never_by_a_loop() -> ! {
    let mut rounds = 0;
    loop {
        rounds += 1;
        if rounds == 2 {
            never("over");
        }
    }
}

#[traceme]
fn diverges_everywhere(how: bool) -> u8 {
    if how { never("one") } else { panic!("other") }
}

#[traceme]
fn diverges_in_a_statement() -> String {
    never("first");
}

#[test]
fn functions_that_never_return() {
    let text = recorded(1, || {
        let failure = catch_unwind(|| never("on purpose")).expect_err("it panicked");
        assert_eq!(failure.downcast_ref::<String>().map(String::as_str), Some("on purpose"));
        let code = catch_unwind(|| never_in_a_statement(7)).expect_err("it unwound");
        assert_eq!(code.downcast_ref(), Some(&7_u8));
        assert!(catch_unwind(|| never_by_a_loop()).is_err());
        assert!(catch_unwind(|| diverges_everywhere(false)).is_err());
        assert!(catch_unwind(diverges_in_a_statement).is_err());
    });
    let expected = "never (panicked)\nnever_in_a_statement (panicked)\nnever_by_a_loop (panicked)\n  never (panicked)\n\
                    diverges_everywhere (panicked)\ndiverges_in_a_statement (panicked)\n  never (panicked)";
    assert_eq!(text, expected);
}
