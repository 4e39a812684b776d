//! Names that aren't there, and signatures that don't work.

use super::Case;

pub(crate) const CASES: &[Case] = &[
    (
        "unknown_variable",
        r#"
#[traceme]
pub fn f(count: u32) -> u32 {
    cuont + 1
}
"#,
    ),
    (
        "unknown_method",
        r#"
#[traceme]
pub fn f(text: &str) -> usize {
    text.lenght()
}
"#,
    ),
    (
        "unknown_field",
        r#"
pub struct Point {
    x: u32,
}

impl Point {
    #[traceme]
    pub fn sum(&self) -> u32 {
        self.x + self.y
    }
}
"#,
    ),
    (
        "private_field",
        r#"
mod inner {
    #[derive(Default)]
    pub struct Point {
        x: u32,
    }
}

#[traceme]
pub fn f() -> u32 {
    inner::Point::default().x
}
"#,
    ),
    (
        "import_missing",
        r#"
// Where imports are suggested: an attribute would move them.
pub struct First;

#[traceme]
pub fn f() -> usize {
    let map: HashMap<u32, u32> = HashMap::new();
    map.len()
}
"#,
    ),
    (
        "trait_not_imported",
        r#"
// Where imports are suggested: an attribute would move them.
pub struct First;

#[traceme]
pub fn f(x: &mut String) {
    x.write_str("text").unwrap();
}
"#,
    ),
    (
        "unknown_macro",
        r#"
#[traceme]
pub fn f(x: u32) {
    printline!("{x}");
}
"#,
    ),
    (
        "unknown_name_in_a_format",
        r#"
#[traceme]
pub fn f(x: u32) -> String {
    format!("{x} {y}")
}
"#,
    ),
    (
        "self_missing",
        r#"
pub struct Counter(u32);

impl Counter {
    #[traceme]
    pub fn add(x: u32) -> u32 {
        self.0 + x
    }
}
"#,
    ),
    (
        "lifetime_missing_in_the_signature",
        r#"
#[traceme]
pub fn f(x: &str, y: &str) -> &str {
    if x.len() > y.len() { x } else { y }
}
"#,
    ),
    (
        "unknown_type_in_the_signature",
        r#"
#[traceme]
pub fn f(x: Number) -> u32 {
    x.into()
}
"#,
    ),
    (
        "generic_parameter_shadowed",
        r#"
#[traceme]
pub fn f<T: Default>() -> T {
    fn inner<T>(x: T) -> T {
        x
    }
    fn outer(x: T) -> T {
        x
    }
    inner(T::default())
}
"#,
    ),
    (
        "same_argument_twice",
        r#"
#[traceme]
pub fn f(x: u32, x: u32) -> u32 {
    x
}
"#,
    ),
    (
        "trait_signature_differs",
        r#"
pub trait Shape {
    fn area(&self) -> u32;
}

impl Shape for u32 {
    #[traceme]
    fn area(&self, factor: u32) -> u32 {
        *self * factor
    }
}
"#,
    ),
];
