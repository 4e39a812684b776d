//! What the compiler warns of.

use super::Case;

pub(crate) const CASES: &[Case] = &[
    (
        "unused_variable",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    let y = x + 1;
    x
}
"#,
    ),
    (
        "unused_argument",
        r#"
#[traceme]
pub fn f(x: u32, y: u32) -> u32 {
    x
}
"#,
    ),
    (
        "unused_mut",
        r#"
#[traceme]
pub fn f(mut x: u32) -> u32 {
    let mut y = x + 1;
    y
}
"#,
    ),
    (
        "unused_assignment",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    let mut y = x;
    y = 1;
    y = 2;
    y
}
"#,
    ),
    (
        "unused_must_use",
        r#"
#[must_use]
pub fn important() -> u32 {
    1
}

#[traceme]
pub fn f(x: u32) {
    important();
    x.wrapping_add(1);
}
"#,
    ),
    (
        "unused_result",
        r#"
#[traceme]
pub fn f(text: &str) {
    text.parse::<u32>();
}
"#,
    ),
    (
        "unused_import",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    use std::collections::HashMap;
    x
}
"#,
    ),
    (
        "unused_parens",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    if (x > 1) {
        return (x);
    }
    let y = (x + 1);
    y
}
"#,
    ),
    (
        "unused_braces",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    { x }
}
"#,
    ),
    (
        "unreachable_code",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    return x;
    x + 1
}
"#,
    ),
    (
        "unreachable_after_a_panic",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    panic!("{x}");
    let y = x + 1;
    y
}
"#,
    ),
    (
        "unreachable_pattern",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    match x {
        0 => 1,
        other => other,
        _ => 2,
    }
}
"#,
    ),
    (
        "irrefutable_pattern",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    if let y = x {
        return y;
    }
    1
}
"#,
    ),
    (
        "integer_overflow",
        r#"
#[traceme]
pub fn f() -> u8 {
    let x: u8 = 256;
    255u8 + 1
}
"#,
    ),
    (
        "dead_function",
        r#"
#[traceme]
fn never_called(x: u32) -> u32 {
    x
}
"#,
    ),
    (
        "dead_inner_function",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    fn inner() {}
    const UNUSED: u32 = 1;
    x
}
"#,
    ),
    (
        "names_in_the_wrong_case",
        r#"
#[traceme]
pub fn WrongCase(Argument: u32) -> u32 {
    let Local = Argument;
    Local
}
"#,
    ),
    (
        "to_do",
        r#"
#[traceme]
pub fn f(x: u32, y: &str) -> Option<u32> {
    todo!()
}
"#,
    ),
    (
        "recursion_without_an_end",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    f(x + 1)
}
"#,
    ),
    (
        "deprecated",
        r#"
#[deprecated]
pub fn old() {}

#[traceme]
pub fn f() {
    old();
}
"#,
    ),
    (
        "comparison_that_is_always_true",
        r#"
#[traceme]
pub fn f(x: u32) -> bool {
    x >= 0
}
"#,
    ),
    (
        "path_statement",
        r#"
#[traceme]
pub fn f(x: u32) {
    x;
}
"#,
    ),
    (
        "documentation_missing",
        r#"
//! Documented.
#![warn(missing_docs, unreachable_pub, unused_qualifications, single_use_lifetimes)]
#[traceme]
pub fn f<'a>(x: &'a str) -> usize {
    std::mem::drop(1);
    x.len()
}
"#,
    ),
    (
        "let_underscore_lock",
        r#"
#[traceme]
pub fn f(lock: &std::sync::Mutex<u32>) {
    let _ = lock.lock();
}
"#,
    ),
    (
        "drop_order_changes",
        r#"
#![warn(tail_expr_drop_order, if_let_rescope)]
#[traceme]
pub fn f(lock: &std::sync::Mutex<Vec<u32>>) -> usize {
    let other = String::from("text").into_bytes();
    let guard = lock.lock().unwrap();
    lock.lock().unwrap().len() + guard.len() + other.len()
}
"#,
    ),
    (
        "unused_label",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    'outer: loop {
        return x;
    }
}
"#,
    ),
    (
        "redundant_semicolon",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    work();;
    x
}

fn work() {}
"#,
    ),
    (
        "trivial_casts",
        r#"
#![warn(trivial_numeric_casts, unused_lifetimes, let_underscore_drop, unused_results)]
#[traceme]
pub fn f<'a>(x: u32) -> u32 {
    x.wrapping_add(2);
    let _ = x.to_string();
    x as u32
}
"#,
    ),
];
