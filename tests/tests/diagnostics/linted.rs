//! Functions of many shapes that clippy has something to say about, and some that it has nothing against.
#![warn(clippy::all, clippy::pedantic, missing_docs)]
use std::collections::HashMap;
use std::fmt::{self, Display};

/// A table.
#[derive(Debug, Clone, Default)]
pub struct Table {
    rows: Vec<u32>,
    names: HashMap<String, u32>,
}

#[traceme]
pub fn undocumented(x: u32) {
    drop(x.to_string());
}

/// `needless_return`.
#[traceme]
pub fn returns(x: u32) -> u32 {
    return x + 1;
}

/// `needless_return` in branches.
#[traceme]
pub fn returns_in_branches(x: u32) -> u32 {
    if x > 1 {
        return 2;
    } else {
        return x;
    }
}

/// `let_and_return`.
#[traceme]
pub fn let_and_return(x: u32) -> u32 {
    let y = x + 1;
    y
}

/// `let_unit_value`, `unit_arg`.
#[traceme]
pub fn units(x: u32) {
    let nothing = drop(x.to_string());
    Some(drop(x.to_string()));
    nothing
}

/// `too_many_lines`: as long as is allowed.
#[traceme]
pub fn long_enough(mut x: u32) -> u32 {
    x += 1;
    x += 2;
    x += 3;
    x += 4;
    x
}

/// `too_many_lines`.
#[traceme]
pub fn too_long(mut x: u32) -> u32 {
    x += 1;
    x += 2;
    x += 3;
    x += 4;
    x += 5;
    x
}

/// `cast_possible_truncation`, `cast_lossless`, `cast_sign_loss`.
#[traceme]
pub fn casts(x: u64, y: i32) -> u64 {
    u64::from(x as u32) + (x as u8) as u64 + y as u64
}

/// `needless_pass_by_value`.
#[traceme]
pub fn passed_by_value(text: String, rows: Vec<u32>) -> usize {
    text.len() + rows.len()
}

/// `trivially_copy_pass_by_ref`.
#[traceme]
pub fn passed_by_reference(x: &u32) -> u32 {
    *x + 1
}

/// `ptr_arg`.
#[traceme]
pub fn references(text: &String, rows: &Vec<u32>) -> usize {
    text.len() + rows.len()
}

/// `missing_errors_doc`.
#[traceme]
pub fn fails(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

/// `missing_panics_doc`.
#[traceme]
pub fn panics(text: &str) -> u32 {
    text.parse().unwrap()
}

/// `unnecessary_wraps`.
#[traceme]
fn wraps(x: u32) -> Option<u32> {
    Some(x + 1)
}

/// `question_mark`.
#[traceme]
pub fn question_mark(x: Option<u32>) -> Option<u32> {
    if x.is_none() {
        return None;
    }
    wraps(x?)
}

/// `items_after_statements`.
#[traceme]
pub fn items_after_statements(x: u32) -> u32 {
    let y = x + 1;
    const FACTOR: u32 = 3;
    y * FACTOR
}

/// Not `items_after_statements`.
#[traceme]
pub fn items_first(x: u32) -> u32 {
    const FACTOR: u32 = 3;
    fn double(x: u32) -> u32 {
        x * 2
    }
    double(x) * FACTOR
}

/// Not `items_after_statements` either.
#[traceme]
pub fn import_first(x: u32) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    let _ = write!(text, "{x}");
    text
}

/// `single_match_else`, `single_match`.
#[traceme]
pub fn matches(x: Option<u32>) -> u32 {
    match x {
        Some(1) => drop(x),
        _ => {}
    }
    match x {
        Some(x) => x,
        _ => {
            drop(x);
            1
        }
    }
}

/// `manual_let_else`.
#[traceme]
pub fn let_else(x: Option<u32>) -> u32 {
    let y = match x {
        Some(y) => y,
        None => return 1,
    };
    y * 2
}

/// `needless_range_loop`, `explicit_counter_loop`.
#[traceme]
pub fn loops(rows: &[u32]) -> u32 {
    let mut sum = 0;
    for i in 0..rows.len() {
        sum += rows[i];
    }
    let mut count = 0;
    for row in rows {
        sum += row * count;
        count += 1;
    }
    sum
}

/// `explicit_iter_loop`, `never_loop`.
#[traceme]
pub fn iterators(rows: &[u32]) -> u32 {
    for row in rows.iter() {
        return *row;
    }
    0
}

/// `uninlined_format_args`, `useless_format`.
#[traceme]
pub fn formats(x: u32) -> String {
    let text = format!("{}", x);
    format!("text") + &text
}

/// `many_single_char_names`, `similar_names`.
#[traceme]
pub fn names(a: u32, b: u32, c: u32) -> u32 {
    let d = a + b;
    let e = b + c;
    let checked_row = d * e;
    let checked_raw = d + e;
    checked_row - checked_raw
}

/// `too_many_arguments`.
#[traceme]
pub fn arguments(first: u32, second: u32, third: u32, fourth: u32) -> u32 {
    first + second + third + fourth
}

/// `fn_params_excessive_bools`.
#[traceme]
pub fn switches(on: bool, off: bool, up: bool) -> bool {
    on || off || up
}

/// `used_underscore_binding`, `no_effect_underscore_binding`.
#[traceme]
pub fn underscores(_x: u32) -> u32 {
    let _y = 1;
    _x + 1
}

/// `redundant_closure`, `redundant_closure_for_method_calls`.
#[traceme]
pub fn closures(rows: &[u32]) -> Vec<String> {
    rows.iter().map(|row| row.to_string()).collect()
}

/// `bool_comparison`, `needless_bool`, `nonminimal_bool`.
#[traceme]
pub fn booleans(x: bool) -> bool {
    if x == true { true } else { false }
}

/// `neg_multiply`, `identity_op`, `erasing_op`.
#[traceme]
pub fn arithmetic(x: i32) -> i32 {
    x * -1 + 0 * x + (x + 0)
}

/// `float_cmp`.
#[traceme]
pub fn floats(x: f64) -> bool {
    x == 1.5
}

/// `match_same_arms`, `match_wildcard_for_single_variants`.
#[traceme]
pub fn same_arms(x: u32) -> u32 {
    match x {
        1 => 2,
        3 => 2,
        _ => 4,
    }
}

/// `semicolon_if_nothing_returned`.
#[traceme]
pub fn no_semicolon(rows: &mut Vec<u32>) {
    rows.push(1)
}

/// `if_not_else`, `redundant_else`.
#[traceme]
pub fn branches(x: u32) -> u32 {
    if x != 1 {
        return 2;
    } else {
        drop(x.to_string());
    }
    if !(x == 2) { 3 } else { 4 }
}

/// Nothing to say, with a lock.
#[traceme]
pub fn locked(lock: &std::sync::Mutex<Vec<u32>>) -> usize {
    let rows = lock.lock().unwrap_or_else(|error| error.into_inner());
    rows.len()
}

/// `blocks_in_conditions`, `collapsible_if`.
#[traceme]
pub fn nested(x: u32, y: u32) -> u32 {
    if x > 1 {
        if y > 1 {
            return 2;
        }
    }
    3
}

/// `needless_lifetimes`, `elidable_lifetime_names`.
#[traceme]
pub fn lifetimes<'a>(text: &'a str) -> &'a str {
    text.trim()
}

/// `implicit_hasher`.
#[traceme]
pub fn hashes(map: &HashMap<String, u32>) -> u32 {
    map.values().sum()
}

/// `missing_safety_doc`.
#[traceme]
pub unsafe fn dangerous(x: *const u32) -> u32 {
    unsafe { *x }
}

/// `only_used_in_recursion`.
#[traceme]
pub fn recursion(x: u32, y: u32) -> u32 {
    if x == 0 { 0 } else { recursion(x - 1, y) }
}

/// Nothing to say.
#[traceme]
#[must_use]
pub fn clean<T: Display + ?Sized>(x: &T) -> String {
    x.to_string()
}

impl Table {
    /// `must_use_candidate`.
    #[traceme]
    pub fn new(rows: Vec<u32>) -> Self {
        Self { rows, names: HashMap::new() }
    }

    /// `return_self_not_must_use`.
    #[traceme]
    pub fn with(mut self, row: u32) -> Self {
        self.rows.push(row);
        self
    }

    /// `unused_self`.
    #[traceme]
    fn nothing_of_self(&self, x: u32) -> u32 {
        x + 1
    }

    /// `wrong_self_convention`.
    #[traceme]
    pub fn into_rows(&self) -> Vec<u32> {
        self.rows.clone()
    }

    /// `should_implement_trait`.
    #[traceme]
    pub fn add(self, other: Table) -> Table {
        Table { rows: [self.rows, other.rows].concat(), names: self.names }
    }

    /// `map_entry`.
    #[traceme]
    pub fn insert(&mut self, name: &str) -> u32 {
        if !self.names.contains_key(name) {
            self.names.insert(name.to_string(), self.nothing_of_self(1));
        }
        self.names[name]
    }

    /// `needless_borrow`, `explicit_auto_deref`.
    #[traceme]
    pub fn borrows(&self) -> usize {
        (&self.rows).len() + (*self).names.len()
    }
}

impl Display for Table {
    #[traceme]
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.rows.len())
    }
}
impl PartialEq for Table {
    #[traceme]
    fn eq(&self, other: &Self) -> bool {
        return self.rows == other.rows;
    }
}
