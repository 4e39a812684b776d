//! `#[traceme]` on functions and methods of every shape: what is recorded, and that nothing else changes.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use traceme::{Category, Session, Trace, append, traceme};

/// A process has one session at a time.
static SESSION: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    SESSION.lock().unwrap_or_else(PoisonError::into_inner)
}

fn trace(level: u8, work: impl FnOnce()) -> Trace {
    let _alone = alone();
    let session = Session::start(level).expect("no other session runs");
    work();
    session.stop()
}

/// What a piece of work records on this thread, as text without the thread's own line.
fn recorded(level: u8, work: impl FnOnce()) -> String {
    let text = trace(level, work).text().to_string();
    let (thread, spans) = text.split_once('\n').unwrap_or_default();
    assert!(thread.is_empty() || thread.starts_with("thread "), "{text}");
    spans.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[traceme]
fn plain(x: u64) -> u64 {
    x + 1
}

#[test]
fn a_span_is_named_after_its_function_and_has_level_1() {
    assert_eq!(recorded(1, || assert_eq!(plain(2), 3)), "plain");
    let trace = trace(255, || assert_eq!(plain(2), 3));
    let span = trace.spans().next().expect("one span");
    let callsite = span.callsite().expect("recorded in this process");
    assert_eq!((callsite.level.get(), callsite.category.as_str(), callsite.file.as_str()), (1, "default", file!()));
    assert_eq!(callsite.module, module_path!());
    assert!(span.duration().is_some() && !span.flags().is_panicked());
}

struct Account {
    balance: i64,
}

impl Account {
    #[traceme]
    fn open() -> Self {
        Self { balance: 0 }
    }

    #[traceme(meta(balance = self.balance))]
    fn by_reference(&self) -> i64 {
        self.balance
    }

    #[traceme(meta(amount))]
    fn by_mutable_reference(&mut self, amount: i64) -> &mut Self {
        self.balance += amount;
        self
    }

    #[traceme(meta(balance = self.balance))]
    fn by_value(self) -> i64 {
        self.balance
    }

    #[traceme]
    #[allow(clippy::boxed_local, reason = "what is tested")]
    fn by_box(self: Box<Self>) -> i64 {
        self.balance
    }

    #[traceme]
    fn by_rc(self: &Rc<Self>) -> i64 {
        self.balance
    }

    #[traceme]
    fn by_arc(self: Arc<Self>) -> i64 {
        self.balance
    }

    #[traceme]
    fn by_pin(self: Pin<&mut Self>) -> i64 {
        self.get_mut().balance
    }
}

#[test]
fn methods_with_all_receivers() {
    let account = || Account { balance: 7 };
    let text = recorded(1, || {
        assert_eq!(Account::open().balance, 0);
        assert_eq!(account().by_reference(), 7);
        assert_eq!(account().by_mutable_reference(-3).balance, 4);
        assert_eq!(account().by_value(), 7);
        assert_eq!(Box::new(account()).by_box(), 7);
        assert_eq!(Rc::new(account()).by_rc(), 7);
        assert_eq!(Arc::new(account()).by_arc(), 7);
        assert_eq!(Pin::new(&mut account()).by_pin(), 7);
    });
    let expected = "open\nby_reference balance=7\nby_mutable_reference amount=-3\nby_value balance=7\n\
                    by_box\nby_rc\nby_arc\nby_pin";
    assert_eq!(text, expected);
}

trait Shape {
    fn area(&self) -> f64;

    #[traceme(meta(area = self.area()))]
    fn provided(&self) -> f64 {
        self.area() * 2.0
    }
}

impl Shape for f64 {
    #[traceme(name = "f64::area")]
    fn area(&self) -> f64 {
        self * self
    }
}

#[test]
fn methods_of_traits() {
    // The metadata is evaluated before the span begins: its own span is not inside.
    let expected = "f64::area\nprovided area=9.0\n  f64::area";
    assert_eq!(recorded(1, || assert!((3.0_f64.provided() - 18.0).abs() < 1e-9)), expected);
    assert_eq!(recorded(1, || assert!(((&3.0_f64) as &dyn Shape).area() > 8.9)), "f64::area");
}

#[traceme(meta(count = N, values = ?values))]
fn generic<'a, T, const N: usize>(values: &'a [T; N]) -> impl Iterator<Item = &'a T> + use<'a, T, N>
where
    T: Ord + std::fmt::Debug,
{
    values.iter().filter(|value| **value > values[0])
}

#[test]
fn generics_lifetimes_and_impl_trait() {
    let text = recorded(1, || {
        assert_eq!(generic(&[1, 2, 3]).count(), 2);
        assert_eq!(generic(&["b", "a"]).count(), 0);
    });
    assert_eq!(text, "generic count=3 values=\"[1, 2, 3]\"\ngeneric count=2 values=\"[\\\"b\\\", \\\"a\\\"]\"");
}

#[traceme]
fn leaves_early(text: &str) -> Result<u64, std::num::ParseIntError> {
    if text.is_empty() {
        return Ok(0);
    }
    let number: u64 = text.parse()?;
    plain(number);
    Ok(number)
}

#[test]
fn every_way_out_ends_the_span() {
    let text = recorded(1, || {
        assert_eq!(leaves_early(""), Ok(0));
        assert!(leaves_early("x").is_err());
        assert_eq!(leaves_early("4"), Ok(4));
    });
    assert_eq!(text, "leaves_early\nleaves_early\nleaves_early\n  plain");
}

#[traceme(meta(n))]
fn factorial(n: u64) -> u64 {
    if n == 0 { 1 } else { n * factorial(n - 1) }
}

#[test]
fn recursion() {
    assert_eq!(recorded(1, || assert_eq!(factorial(2), 2)), "factorial n=2\n  factorial n=1\n    factorial n=0");
}

#[traceme]
fn panics(message: &str) -> ! {
    plain(1);
    panic!("{message}");
}

#[test]
fn panics_are_recorded_and_go_on() {
    let text = recorded(1, || {
        let payload = catch_unwind(|| panics("on purpose")).expect_err("it panicked");
        assert_eq!(payload.downcast_ref::<String>().unwrap(), "on purpose");
        plain(1);
    });
    assert_eq!(text, "panics (panicked)\n  plain\nplain");
}

const IO: Category = Category::new("io");

mod names {
    pub(crate) const LEVEL: u8 = 2;
    pub(crate) const CATEGORY: traceme::Category = traceme::Category::new("named");
}

#[traceme(level = names::LEVEL + 1, name = "chosen", category = names::CATEGORY, meta(kind = "literal", n = -1, last = 'x',))]
fn with_everything() {}

#[traceme(level = traceme::Level::INFO, category = IO, name = format!("made {}", id + 1), meta(id))]
fn with_a_made_name(id: u32) {
    plain(1);
}

#[test]
fn levels_names_and_categories() {
    assert_eq!(recorded(2, with_everything), "");
    let trace_of_all = trace(3, with_everything);
    let span = trace_of_all.spans().next().expect("one span");
    let callsite = span.callsite().expect("recorded in this process");
    assert_eq!((callsite.level.get(), callsite.category.as_str(), callsite.name.as_str()), (3, "named", "chosen"));
    assert_eq!(recorded(3, with_everything), "chosen kind=\"literal\" n=-1 last='x'");

    assert_eq!(recorded(1, || with_a_made_name(4)), "plain");
    assert_eq!(recorded(2, || with_a_made_name(4)), "made 5 id=4\n  plain");
    let trace_of_io = trace(2, || with_a_made_name(4));
    assert_eq!(trace_of_io.spans().next().and_then(|span| span.callsite()).unwrap().category, "io");
}

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

fn fails() -> u64 {
    panic!("no value")
}

#[traceme(meta(x = fails()))]
fn metadata_fails(called: &mut bool) {
    *called = true;
}

#[test]
fn metadata_that_panics_leaves_no_span() {
    let mut called = false;
    let text = recorded(1, || {
        catch_unwind(AssertUnwindSafe(|| metadata_fails(&mut called))).expect_err("it panicked");
        plain(1);
    });
    assert_eq!(text, "plain");
    assert!(!called);
}

#[traceme(span = query, meta(table = "users"))]
fn appends(rows: &[u64]) -> usize {
    plain(1);
    append!(query, rows = rows.len());
    helper();
    append!(query, last = rows.last().copied());
    rows.len()
}

fn helper() {
    append!(helped = true);
}

#[traceme(span = s)]
fn stops_early() {
    plain(1);
    s.stop();
    plain(2);
}

#[test]
fn the_guard_by_its_name() {
    let text = recorded(1, || assert_eq!(appends(&[3, 4]), 2));
    assert_eq!(text, "appends table=\"users\" rows=2 helped=true last=4\n  plain");
    assert_eq!(recorded(1, stops_early), "stops_early\n  plain\nplain");
    let _alone = alone();
    assert_eq!(appends(&[3, 4]), 2, "an inert guard");
}

#[traceme]
fn user_has_the_same_name(__traceme_guard: u8) -> u8 {
    let guard = __traceme_guard + 1;
    let __traceme_guard = guard * 2;
    __traceme_guard - guard
}

#[test]
fn the_body_does_not_see_the_guard() {
    assert_eq!(recorded(1, || assert_eq!(user_has_the_same_name(1), 2)), "user_has_the_same_name");
}

struct NotesItsDrop<'a>(&'a str);

impl Drop for NotesItsDrop<'_> {
    #[traceme(name = self.0.to_string())]
    fn drop(&mut self) {}
}

#[traceme]
fn drops(_argument: NotesItsDrop<'_>) {
    let _variable = NotesItsDrop("variable");
}

#[test]
fn the_span_ends_after_the_variables_and_before_the_arguments_are_dropped() {
    assert_eq!(recorded(1, || drops(NotesItsDrop("argument"))), "drops\n  variable\nargument");
}

macro_rules! make {
    ($visibility:vis $name:ident($argument:ident: $type:ty) -> $result:ty $body:block, $level:literal, $text:expr) => {
        #[traceme(level = $level, name = $text, meta($argument, key = $argument + 1))]
        $visibility fn $name($argument: $type) -> $result $body
    };
    ($item:item) => {
        #[traceme]
        $item
    };
}

make!(pub(crate) made(x: u64) -> u64 { x * 2 }, 2, "named by a macro");
make! {
    fn made_whole() -> u64 {
        4
    }
}

#[test]
fn functions_made_by_macros() {
    assert_eq!(recorded(2, || assert_eq!(made(2) + made_whole(), 8)), "named by a macro x=2 key=3\nmade_whole");
}

/// Documented.
#[must_use]
#[inline]
#[track_caller]
#[traceme]
#[allow(clippy::mixed_attributes_style, reason = "what is tested")]
fn with_attributes(_: u8) -> u32 {
    #![allow(unused_variables, reason = "the inner attributes stay first")]
    use std::panic::Location;
    let unused = 1;
    Location::caller().line()
}

#[test]
fn attributes_keep_their_meaning() {
    assert_eq!(recorded(1, || assert_eq!(with_attributes(1), line!())), "with_attributes");
}

mod reexported {
    pub(crate) use traceme as renamed;
}

#[traceme(crate = crate::reexported::renamed)]
#[allow(unsafe_code, reason = "unsafe functions can be traced as well")]
unsafe extern "C" fn r#unsafe(x: *const u64) -> u64 {
    // SAFETY: the caller gives a pointer to a number.
    unsafe { *x }
}

#[test]
#[allow(unsafe_code, reason = "unsafe functions can be traced as well")]
fn unsafe_functions_and_a_crate_of_another_name() {
    // SAFETY: it is a pointer to a number.
    assert_eq!(recorded(1, || assert_eq!(unsafe { r#unsafe(&5) }, 5)), "unsafe");
}
