//! Wrong types.

use super::Case;

pub(crate) const CASES: &[Case] = &[
    (
        "mismatched_types",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    let text: String = x;
    x + 1
}
"#,
    ),
    (
        "mismatched_tail",
        r#"
#[traceme]
pub fn f(x: u32) -> String {
    let y = x + 1;
    y
}
"#,
    ),
    (
        "semicolon_after_the_tail",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    x + 1;
}
"#,
    ),
    (
        "literal_with_a_semicolon",
        r#"
#[traceme]
pub fn f() -> u32 {
    1;
}
"#,
    ),
    (
        "empty_body",
        r#"
#[traceme]
pub fn f() -> u32 {}
"#,
    ),
    (
        "return_missing_in_a_branch",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    if x > 1 {
        return 2;
    }
}
"#,
    ),
    (
        "else_missing",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    if x > 1 { 2 }
}
"#,
    ),
    (
        "branches_differ",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    if x > 1 { 2 } else { "three" }
}
"#,
    ),
    (
        "loop_without_a_value",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    while x > 1 {
        work();
    }
}

fn work() {}
"#,
    ),
    (
        "value_of_a_unit_function",
        r#"
#[traceme]
pub fn f(x: u32) {
    x + 1
}
"#,
    ),
    (
        "return_without_a_value",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    if x > 1 {
        return;
    }
    x
}
"#,
    ),
    (
        "missing_ok",
        r#"
#[traceme]
pub fn f(text: &str) -> Result<u32, std::num::ParseIntError> {
    let number: u32 = text.parse()?;
    number
}
"#,
    ),
    (
        "wrong_number_of_arguments",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    add(x)
}

fn add(x: u32, y: u32) -> u32 {
    x + y
}
"#,
    ),
    (
        "trait_bound_missing",
        r#"
#[traceme]
pub fn f<T>(x: T) -> String {
    x.to_string()
}
"#,
    ),
    (
        "trait_bound_of_a_call_missing",
        r#"
#[traceme]
pub fn f<T>(x: T) -> u32 {
    show(&x);
    1
}

fn show<T: std::fmt::Display>(_: &T) {}
"#,
    ),
    (
        "operator_missing",
        r#"
#[traceme]
pub fn f<T: Copy>(x: T, y: T) -> T {
    x + y
}
"#,
    ),
    (
        "annotations_needed",
        r#"
#[traceme]
pub fn f(text: &str) -> usize {
    let numbers = text.split(',').map(|part| part.len()).collect();
    1
}
"#,
    ),
    (
        "question_mark_in_a_unit_function",
        r#"
#[traceme]
pub fn f(text: &str) {
    let number: u32 = text.parse()?;
}
"#,
    ),
    (
        "question_mark_of_another_error",
        r#"
#[traceme]
pub fn f(text: &str) -> Result<u32, std::fmt::Error> {
    Ok(text.parse()?)
}
"#,
    ),
    (
        "option_for_result",
        r#"
#[traceme]
pub fn f(text: &str) -> Option<u32> {
    let number: u32 = text.parse()?;
    Some(number)
}
"#,
    ),
    (
        "closure_of_the_wrong_type",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    apply(|text: &str| text.len(), x)
}

fn apply(f: impl Fn(u32) -> u32, x: u32) -> u32 {
    f(x)
}
"#,
    ),
    (
        "match_arm_missing",
        r#"
#[traceme]
pub fn f(x: Option<u32>) -> u32 {
    match x {
        Some(x) => x,
    }
}
"#,
    ),
    (
        "impl_trait_of_two_types",
        r#"
#[traceme]
pub fn f(x: u32) -> impl std::fmt::Display {
    if x > 1 {
        return x;
    }
    "one"
}
"#,
    ),
    (
        "never_returns",
        r#"
#[traceme]
pub fn f(x: u32) -> ! {
    println!("{x}");
}
"#,
    ),
    (
        "await_in_a_plain_function",
        r#"
#[traceme]
pub fn f() -> u32 {
    work().await
}

async fn work() -> u32 {
    1
}
"#,
    ),
    (
        "break_outside_of_a_loop",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    if x > 1 {
        break;
    }
    x
}
"#,
    ),
    (
        "unsafe_call",
        r#"
#[traceme]
pub fn f() -> u32 {
    work()
}

unsafe fn work() -> u32 {
    1
}
"#,
    ),
    (
        "reference_for_a_value",
        r#"
#[traceme]
pub fn f(words: &[String]) -> Vec<String> {
    words.iter().collect()
}
"#,
    ),
    (
        "pattern_that_may_not_match",
        r#"
#[traceme]
pub fn f(x: Option<u32>) -> u32 {
    let Some(x) = x;
    x
}
"#,
    ),
];
