//! What does not parse.

use super::Case;

pub(crate) const CASES: &[Case] = &[
    (
        "parenthesis_not_closed",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    work(x
}

fn work(x: u32) -> u32 {
    x
}
"#,
    ),
    (
        "brace_not_closed",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    if x > 1 {
        return 2;
    x
}
"#,
    ),
    (
        "comma_missing",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    add(x x)
}

fn add(x: u32, y: u32) -> u32 {
    x + y
}
"#,
    ),
    (
        "semicolon_missing",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    let y = x + 1
    y
}
"#,
    ),
    (
        "semicolon_missing_after_a_call",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    work()
    x
}

fn work() {}
"#,
    ),
    (
        "operand_missing",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    x +
}
"#,
    ),
    (
        "let_without_a_value",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    let y = ;
    x
}
"#,
    ),
    (
        "expression_at_the_start",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    = x
}
"#,
    ),
    (
        "arrow_missing_in_an_arm",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    match x {
        1 > 2,
        _ => 3,
    }
}
"#,
    ),
    (
        "colon_for_equals",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    let y: x + 1;
    y
}
"#,
    ),
    (
        "increment",
        r#"
#[traceme]
pub fn f(mut x: u32) -> u32 {
    x++;
    x
}
"#,
    ),
    (
        "else_if_without_an_if",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    if x > 1 { 2 } else x == 1 { 3 } else { 4 }
}
"#,
    ),
    (
        "keyword_for_a_name",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    let type = x;
    type
}
"#,
    ),
    (
        "string_not_closed",
        r#"
#[traceme]
pub fn f() -> &'static str {
    "text
}
"#,
    ),
    (
        "attribute_without_a_statement",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    x;
    #[allow(unused)]
}
"#,
    ),
    (
        "doc_comment_without_a_statement",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    x
    /// What is this?
}
"#,
    ),
    (
        "comparisons_in_a_row",
        r#"
#[traceme]
pub fn f(x: u32) -> bool {
    1 < x < 3
}
"#,
    ),
    (
        "generic_arguments_without_colons",
        r#"
#[traceme]
pub fn f(x: u32) -> Vec<u32> {
    let y = Vec<u32>::new();
    y
}
"#,
    ),
    (
        "argument_without_a_type",
        r#"
#[traceme]
pub fn f(x) -> u32 {
    x
}
"#,
    ),
    (
        "outer_attribute_inside",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    let y = x;
    #![allow(unused)]
    y
}
"#,
    ),
];
