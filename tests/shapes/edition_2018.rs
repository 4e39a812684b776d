//! What only edition 2018 accepts.

use traceme::traceme;

use crate::shapes::support::recorded;

#[traceme(meta(digit = match x { 0...9 => true, _ => false }))]
#[allow(ellipsis_inclusive_range_patterns, clippy::match_like_matches_macro, reason = "a shape")]
fn range_with_three_dots(x: u8) -> u8 {
    match x {
        0...9 => 1,
        _ => 2,
    }
}

#[traceme]
#[allow(array_into_iter, clippy::into_iter_on_ref, reason = "a shape")]
fn array_iterates_by_reference() -> u8 {
    *[3_u8, 4].into_iter().max().unwrap_or(&0)
}

#[traceme]
#[allow(non_fmt_panics, reason = "a shape")]
fn panics_with_a_value(code: u8) -> ! {
    panic!(code)
}

/// A closure takes the whole structure, which is dropped with it.
#[traceme]
fn closure_captures_the_whole(pair: (String, u8)) -> usize {
    let f = move || pair.0.len();
    size_of_val(&f)
}

#[test]
fn accepted_in_2018_only() {
    let text = recorded(1, || {
        assert_eq!(range_with_three_dots(9) + range_with_three_dots(10), 3);
        assert_eq!(array_iterates_by_reference(), 4);
        let code = std::panic::catch_unwind(|| panics_with_a_value(7)).expect_err("it panicked");
        assert_eq!(code.downcast_ref(), Some(&7_u8));
        assert_eq!(closure_captures_the_whole((String::new(), 1)), size_of::<(String, u8)>());
    });
    let expected = "range_with_three_dots digit=true\nrange_with_three_dots digit=false\n\
                    array_iterates_by_reference\npanics_with_a_value (panicked)\nclosure_captures_the_whole";
    assert_eq!(text, expected);
}

#[traceme]
#[allow(bare_trait_objects, reason = "a shape")]
fn trait_object_without_dyn(f: Box<Fn(u8) -> u8>) -> Box<Fn(u8) -> u8> {
    Box::new(move |x| f(x) + 1)
}

#[test]
fn trait_objects_without_dyn() {
    let text = recorded(1, || assert_eq!(trait_object_without_dyn(Box::new(|x| x))(1), 2));
    assert_eq!(text, "trait_object_without_dyn");
}
