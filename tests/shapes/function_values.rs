//! Annotated functions as values, and arguments of unusual types.

use std::cell::Cell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::marker::PhantomPinned;
use std::rc::Rc;

use traceme::traceme;

use super::support::recorded;

#[traceme]
fn add(x: u8, y: u8) -> u8 {
    x + y
}

#[traceme]
fn double(x: u8) -> u8 {
    x * 2
}

#[traceme]
fn takes_a_function<F: Fn(u8) -> u8>(f: F, x: u8) -> u8 {
    f(x)
}

#[traceme]
fn gives_a_function(up: bool) -> fn(u8) -> u8 {
    if up { double } else { |x| x / 2 }
}

const TABLE: [(&str, fn(u8, u8) -> u8); 2] = [("add", add), ("min", std::cmp::min::<u8>)];
static POINTER: fn(u8) -> u8 = double;

struct Counter {
    step: u8,
}

impl Counter {
    #[traceme]
    fn next(&self, x: u8) -> u8 {
        x + self.step
    }

    #[traceme]
    fn all(&self, numbers: &[u8]) -> Vec<u8> {
        let next = Self::next;
        numbers.iter().map(|x| next(self, *x)).collect()
    }

    #[traceme]
    fn new(step: u8) -> Self {
        Self { step }
    }
}

#[test]
fn pointers_tables_and_paths() {
    let text = recorded(1, || {
        let pointer: fn(u8) -> u8 = double;
        assert_eq!(pointer(2), 4);
        assert_eq!(POINTER(1), 2);
        assert_eq!(takes_a_function(double, 3), 6);
        assert_eq!(gives_a_function(true)(1) + gives_a_function(false)(2), 3);
        assert_eq!(TABLE[0].1(1, 2) + TABLE[1].1(1, 2), 4);
        let object: &dyn Fn(u8) -> u8 = &double;
        assert_eq!(object(1), 2);
        assert_eq!([1, 2].iter().copied().map(double).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(Some(1).map(Counter::new).map_or(0, |counter| counter.all(&[1, 2]).len()), 2);
        let names: HashMap<_, fn(u8) -> u8> = [("double", double as fn(u8) -> u8)].iter().copied().collect();
        assert_eq!(names["double"](2), 4);
    });
    let expected = "double\ndouble\ntakes_a_function\n  double\ngives_a_function\ndouble\ngives_a_function\nadd\n\
                    double\ndouble\ndouble\nnew\nall\n  next\n  next\ndouble";
    assert_eq!(text, expected);
}

#[test]
fn an_annotated_function_is_a_type_without_a_size() {
    assert_eq!(size_of_val(&add), 0);
    let threads = recorded(1, || {
        let thread = std::thread::Builder::new().name(String::from("other")).spawn(|| add(1, 2));
        assert_eq!(thread.expect("a thread").join().ok(), Some(3));
        double(1);
    });
    assert!(threads.contains("double") && threads.contains("add"), "{}", threads);
}

#[traceme(meta(count = Rc::strong_count(&shared)))]
fn not_send(shared: Rc<Cell<u8>>) -> Rc<Cell<u8>> {
    shared.set(shared.get() + 1);
    shared
}

#[traceme(meta(len = text.len()))]
fn unsized_text(text: &str, bytes: &[u8], error: &dyn std::error::Error) -> usize {
    text.len() + bytes.len() + error.to_string().len()
}

#[traceme]
fn raw_pointer(pointer: *const u8) -> bool {
    pointer.is_null()
}

#[traceme(meta(last = huge[4095]))]
fn huge(huge: [u8; 4096]) -> [u8; 4096] {
    huge
}

#[traceme]
fn zero_sized(_: (), _: [u64; 0], _: PhantomPinned) {}

#[traceme]
fn uninhabited(never: Option<Infallible>) -> Result<u8, Infallible> {
    match never {
        Some(never) => match never {},
        None => Ok(1),
    }
}

#[traceme]
fn wide(x: u128, y: i128, z: f64) -> u128 {
    x + y.unsigned_abs() + u128::from(z > 0.0)
}

#[traceme(meta(n = numbers.len()))]
fn owned_slice(numbers: Box<[u8]>) -> Vec<u8> {
    numbers.into_vec()
}

#[traceme]
fn mutable_object(out: &mut dyn std::fmt::Write) -> std::fmt::Result {
    out.write_str("written")
}

#[traceme]
fn array_of_functions(functions: [fn(u8) -> u8; 2]) -> u8 {
    functions.iter().fold(1, |x, f| f(x))
}

#[test]
fn arguments_of_unusual_types() {
    let text = recorded(1, || {
        assert_eq!(not_send(Rc::new(Cell::new(1))).get(), 2);
        assert_eq!(unsized_text("a", b"bc", &std::fmt::Error).min(4), 4);
        assert!(raw_pointer(std::ptr::null()));
        assert_eq!(huge([3; 4096])[0], 3);
        zero_sized((), [], PhantomPinned);
        assert_eq!(uninhabited(None), Ok(1));
        assert_eq!(wide(1, -1, 1.0), 3);
        assert_eq!(owned_slice(Box::new([1])), [1]);
        let mut out = String::new();
        assert_eq!(mutable_object(&mut out), Ok(()));
        assert_eq!(out, "written");
        assert_eq!(array_of_functions([double, double]), 4);
    });
    let expected = "not_send count=1\nunsized_text len=1\nraw_pointer\nhuge last=3\nzero_sized\nuninhabited\nwide\n\
                    owned_slice n=1\nmutable_object\narray_of_functions\n  double\n  double";
    assert_eq!(text, expected);
}
