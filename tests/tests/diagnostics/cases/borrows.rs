//! What the borrow checker finds.

use super::Case;

pub(crate) const CASES: &[Case] = &[
    (
        "use_after_move",
        r#"
#[traceme]
pub fn f(text: String) -> usize {
    drop(text);
    text.len()
}
"#,
    ),
    (
        "use_of_a_local_after_move",
        r#"
#[traceme]
pub fn f(x: u32) -> String {
    let text = x.to_string();
    let other = text;
    format!("{text}{other}")
}
"#,
    ),
    (
        "two_mutable_borrows",
        r#"
#[traceme]
pub fn f(numbers: &mut Vec<u32>) -> u32 {
    let first = &mut numbers[0];
    let second = &mut numbers[1];
    *first += *second;
    *first
}
"#,
    ),
    (
        "mutable_borrow_of_a_shared_one",
        r#"
#[traceme]
pub fn f(numbers: &mut Vec<u32>) {
    for number in numbers.iter() {
        numbers.push(*number);
    }
}
"#,
    ),
    (
        "reference_to_a_local",
        r#"
#[traceme]
pub fn f<'a>(x: u32) -> &'a str {
    let text = x.to_string();
    &text
}
"#,
    ),
    (
        "reference_to_an_argument",
        r#"
#[traceme]
pub fn f<'a>(text: String) -> &'a str {
    text.trim()
}
"#,
    ),
    (
        "does_not_live_long_enough",
        r#"
#[traceme]
pub fn f(x: u32) -> usize {
    let longest;
    {
        let text = x.to_string();
        longest = text.as_str();
    }
    longest.len()
}
"#,
    ),
    (
        "temporary_dropped",
        r#"
#[traceme]
pub fn f(x: u32) -> usize {
    let text = x.to_string().as_str();
    text.len()
}
"#,
    ),
    (
        "temporary_in_the_tail",
        r#"
#[traceme]
pub fn f(x: u32) -> usize {
    let cell = std::cell::RefCell::new(x.to_string());
    cell.borrow().len()
}
"#,
    ),
    (
        "temporary_with_a_local_in_the_tail",
        r#"
pub struct Holder<'a>(&'a str);

impl Drop for Holder<'_> {
    fn drop(&mut self) {}
}

impl Holder<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }
}

#[traceme]
pub fn f(x: u32) -> usize {
    let text = x.to_string();
    Holder(&text).len()
}
"#,
    ),
    (
        "immutable_variable",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    let sum = x;
    sum += 1;
    sum
}
"#,
    ),
    (
        "immutable_argument",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    x += 1;
    x
}
"#,
    ),
    (
        "immutable_reference",
        r#"
pub struct Counter(u32);

impl Counter {
    #[traceme]
    pub fn add(&self, x: u32) {
        self.0 += x;
    }
}
"#,
    ),
    (
        "move_out_of_a_reference",
        r#"
pub struct Named {
    name: String,
}

impl Named {
    #[traceme]
    pub fn name(&self) -> String {
        self.name
    }
}
"#,
    ),
    (
        "closure_outlives",
        r#"
#[traceme]
pub fn f(x: u32) -> Box<dyn Fn() -> u32> {
    let y = x + 1;
    Box::new(|| y)
}
"#,
    ),
    (
        "lifetimes_differ",
        r#"
#[traceme]
pub fn f<'a, 'b>(x: &'a str, y: &'b str) -> &'a str {
    if x.len() > 1 { x } else { y }
}
"#,
    ),
    (
        "maybe_not_initialised",
        r#"
#[traceme]
pub fn f(x: u32) -> u32 {
    let y;
    if x > 1 {
        y = 2;
    }
    y
}
"#,
    ),
    (
        "argument_escapes",
        r#"
#[traceme]
pub fn f(x: &str) {
    std::thread::spawn(move || x.len());
}
"#,
    ),
];
