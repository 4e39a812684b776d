//! Names, levels, categories and metadata: what they can be, when they are evaluated, what is recorded of them.

use std::cell::RefCell;
use std::fmt;

use traceme::{Category, Level, append, instant, traceme};

use super::support::{alone, recorded, traced};

/// What was evaluated, in order.
type Log = RefCell<Vec<&'static str>>;

fn note(log: &Log, what: &'static str) -> &'static str {
    log.borrow_mut().push(what);
    what
}

#[traceme(level = 2, name = note(log, "name").to_string(), meta(a = note(log, "a"), b = %note(log, "b"), c = ?note(log, "c")))]
fn notes(log: &Log) {
    note(log, "body");
}

#[test]
fn metadata_is_evaluated_once_in_order_before_the_body_and_only_if_recorded() {
    let log = Log::default();
    assert_eq!(recorded(2, || notes(&log)), "name a=\"a\" b=\"b\" c=\"\\\"c\\\"\"");
    assert_eq!(log.take(), ["name", "a", "b", "c", "body"]);

    assert_eq!(recorded(1, || notes(&log)), "");
    assert_eq!(log.take(), ["body"], "its level is not recorded");

    let _alone = alone();
    notes(&log);
    assert_eq!(log.take(), ["body"], "no session runs");
}

const IO: Category = Category::new("io");

mod constants {
    pub(super) const LEVEL: u8 = 2;
    pub(super) const CATEGORY: traceme::Category = traceme::Category::new("named");
}

struct Settings;

impl Settings {
    const LEVEL: Level = Level::VERBOSE;
    const DEEP: Category = Category::new("deep");

    #[traceme(level = 3, category = Settings::DEEP)]
    fn category_of_a_type(&self) {}
}

#[traceme]
fn plain() {}

#[traceme(level = constants::LEVEL + 1, name = "chosen", category = constants::CATEGORY, meta(kind = "literal", n = -1, last = 'x',))]
fn everything() {}

#[traceme(level = Level::INFO, category = IO, name = format!("made {}", id + 1), meta(id))]
fn made_name(id: u32) {
    plain();
}

#[traceme(level = Settings::LEVEL)]
fn level_of_a_type() {}

#[traceme(level = { const BASE: u8 = 4; BASE * 2 })]
fn level_of_a_block() {}

#[traceme(level = 255)]
fn highest() {}

#[traceme()]
fn empty_parentheses() {}

#[traceme[level = 2]]
fn brackets() {}

#[traceme{name = "braces"}]
fn braces() {}

mod reexported {
    pub(super) use traceme as renamed;
}

#[traceme(crate = self::reexported::renamed)]
fn crate_by_a_relative_path() {}

#[traceme(level = 200, crate = crate::shapes::metadata::reexported::renamed)]
fn crate_by_a_path() {}

#[test]
fn the_crate_by_paths() {
    let text = recorded(200, || {
        crate_by_a_relative_path();
        crate_by_a_path();
    });
    assert_eq!(text, "crate_by_a_relative_path\ncrate_by_a_path");
}

#[test]
fn levels() {
    let all = || {
        plain();
        everything();
        made_name(1);
        level_of_a_type();
        level_of_a_block();
        highest();
        empty_parentheses();
        brackets();
        braces();
        Settings.category_of_a_type();
    };
    let chosen = "chosen kind=\"literal\" n=-1 last='x'";
    assert_eq!(recorded(1, all), "plain\nplain\nempty_parentheses\nbraces");
    assert_eq!(recorded(2, all), "plain\nmade 2 id=1\n  plain\nempty_parentheses\nbrackets\nbraces");
    let at_3 = format!(
        "plain\n{}\nmade 2 id=1\n  plain\nlevel_of_a_type\nempty_parentheses\nbrackets\nbraces\ncategory_of_a_type",
        chosen
    );
    assert_eq!(recorded(3, all), at_3);
    let at_8 = at_3.replace("level_of_a_type\n", "level_of_a_type\nlevel_of_a_block\n");
    assert_eq!(recorded(254, all), at_8);
    assert_eq!(recorded(255, all), at_8.replace("level_of_a_block\n", "level_of_a_block\nhighest\n"));
}

#[track_caller]
fn callsite_of(work: fn()) -> (u8, String, String, String, String) {
    let trace = traced(255, work);
    let span = trace.spans().next().expect("one span");
    assert!(span.duration().is_some() && !span.flags().is_panicked());
    let site = span.callsite().expect("recorded in this process");
    (
        site.level.get(),
        site.category.as_str().to_owned(),
        site.name.as_str().to_owned(),
        site.module.to_string(),
        site.file.to_string(),
    )
}

#[test]
fn callsites() {
    let here = |level, category: &str, name: &str| {
        (level, category.to_owned(), name.to_owned(), module_path!().to_owned(), file!().to_owned())
    };
    assert_eq!(callsite_of(plain), here(1, "default", "plain"));
    assert_eq!(callsite_of(everything), here(3, "named", "chosen"));
    assert_eq!(callsite_of(|| made_name(4)), here(2, "io", ""));
    assert_eq!(callsite_of(|| Settings.category_of_a_type()), here(3, "deep", "category_of_a_type"));
}

/// Prints as both.
struct Shown;

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("shown")
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("debugged")
    }
}

#[traceme(meta(i = -1_i64, u = u64::MAX, f = 1.5, b = true, c = 'c', s = "s", n = None::<u8>, some = Some(2), owned = String::from("o")))]
fn values() {}

#[traceme(meta(x = %x, y = ?y, both = %format!("{}{:?}", x, y)))]
fn formatted(x: Shown, y: &Shown) {
    let _ = (x, y);
}

#[traceme(meta(len = text.len(), sum = { let mut sum = 0; for n in numbers { sum += n; } sum }))]
fn expressions(text: &str, numbers: &[u8]) -> usize {
    text.len() + numbers.len()
}

#[traceme(meta(x = if x > 1 { "many" } else { "one" }, y = match x { 0 => 1, n => n * 2 }, z = (|n: u8| n + 1)(x)))]
fn branches(x: u8) -> u8 {
    x
}

#[traceme(meta(a = *x, b = x < &2, c = !0_u8, d = -i64::from(*x), e = (1, 2).1, f = [7, 8][1], g = x.wrapping_add(1) as u64))]
fn operators(x: &u8) -> u8 {
    *x
}

#[traceme(name = name.next().map_or("none", |name| *name), meta(rest = name.len()))]
fn metadata_changes_its_arguments(name: &mut std::slice::Iter<'_, &'static str>) -> usize {
    name.len()
}

#[traceme(meta(x = { x += 1; x }))]
fn metadata_changes_a_mutable_argument(mut x: u8) -> u8 {
    x += 10;
    x
}

#[traceme(name = String::from(if id > 1 { "large" } else { "small" }))]
fn owned_name(id: u8) -> u8 {
    id
}

#[traceme(span = own, meta(table = "users"))]
fn appends(rows: &[u64]) -> usize {
    plain();
    append!(own, rows = rows.len());
    helper();
    append!(own, last = rows.last().copied());
    rows.len()
}

fn helper() {
    append!(helped = true);
    instant!("helped");
}

#[traceme(span = s)]
fn stops_early() {
    plain();
    s.stop();
    plain();
}

#[traceme(span = mine)]
fn guard_is_moved() -> impl Sized {
    move || drop(mine)
}

#[traceme(meta(a, b, c, d, e, f, g, h, i, j, k, l, m, n, literal = 1, another = "x"))]
#[allow(clippy::too_many_arguments, clippy::many_single_char_names, reason = "a shape")]
#[rustfmt::skip]
fn most(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: u8, m: u8, n: u8) -> u8 {
    a + b + c + d + e + f + g + h + i + j + k + l + m + n
}

#[test]
fn values_of_every_kind() {
    let text = recorded(1, || {
        values();
        formatted(Shown, &Shown);
        assert_eq!(expressions("text", &[1, 2]), 6);
        assert_eq!(branches(2), 2);
        assert_eq!(operators(&1), 1);
        assert_eq!(most(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 14);
    });
    let expected = "values i=-1 u=18446744073709551615 f=1.5 b=true c='c' s=\"s\" n=none some=2 owned=\"o\"\n\
                    formatted x=\"shown\" y=\"debugged\" both=\"showndebugged\"\nexpressions len=4 sum=3\n\
                    branches x=\"many\" y=4 z=3\noperators a=1 b=true c=255 d=-1 e=2 f=8 g=2\n\
                    most a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1 j=1 k=1 l=1 m=1 n=1 literal=1 another=\"x\"";
    assert_eq!(text, expected);
}

#[test]
fn expressions_with_effects() {
    let text = recorded(1, || {
        assert_eq!(metadata_changes_its_arguments(&mut ["first", "second"].iter()), 1);
        assert_eq!(metadata_changes_a_mutable_argument(1), 12);
        assert_eq!(owned_name(1) + owned_name(2), 3);
    });
    assert_eq!(text, "first rest=1\nmetadata_changes_a_mutable_argument x=2\nsmall\nlarge");
}

#[test]
fn the_guard_by_its_name() {
    let text = recorded(1, || assert_eq!(appends(&[3, 4]), 2));
    assert_eq!(text, "appends table=\"users\" rows=2 helped=true last=4\n  plain\n  * helped");
    assert_eq!(recorded(1, stops_early), "stops_early\n  plain\nplain");
    let text = recorded(1, || {
        let open = guard_is_moved();
        plain();
        drop(open);
    });
    assert_eq!(text, "guard_is_moved\n  plain");
    let _alone = alone();
    assert_eq!(appends(&[3, 4]), 2, "a guard of no span");
}
