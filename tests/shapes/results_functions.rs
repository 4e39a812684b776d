//! `ret` and `err` on functions of every kind: their bodies are in closures, which nobody notices.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::str::FromStr;

use traceme::{append, traceme};

use super::support::{caught, recorded, unwind};

#[traceme(ret)]
fn generic<T: Debug + Clone>(x: &T) -> Vec<T> {
    vec![x.clone()]
}

#[traceme(ret, err)]
fn generic_error<T, E>(x: Result<T, E>) -> Result<T, E>
where
    T: Debug,
    E: Display,
{
    let x = x?;
    Ok(x)
}

#[traceme(err)]
fn not_debug<T>(x: T, error: Option<&'static str>) -> Result<T, &'static str> {
    match error {
        Some(error) => Err(error),
        None => Ok(x),
    }
}

#[traceme(err)]
fn associated<T: FromStr>(text: &str) -> Result<T, T::Err>
where
    T::Err: Display,
{
    text.parse::<T>()
}

#[traceme(ret)]
fn projected<I: Iterator>(mut items: I) -> Option<<I as Iterator>::Item>
where
    I::Item: Debug,
{
    items.next()
}

#[traceme(ret)]
fn const_generic<const N: usize>(x: [u8; N]) -> [u8; N] {
    x
}

#[traceme(ret, err)]
fn impl_arguments(path: impl AsRef<str>, f: impl FnOnce(&str) -> usize) -> Result<usize, String> {
    Ok(f(path.as_ref()))
}

struct Opaque;

#[test]
fn generics() {
    let text = recorded(1, || {
        assert_eq!(generic(&1), [1]);
        assert_eq!(generic_error::<u8, u8>(Err(2)), Err(2));
        assert_eq!(generic_error::<u8, u8>(Ok(3)), Ok(3));
        assert!(not_debug(Opaque, None).is_ok() && not_debug(Opaque, Some("no")).is_err());
        assert_eq!((associated::<u8>("1").ok(), associated::<char>("").ok()), (Some(1), None));
        assert_eq!(projected([1, 2].iter()), Some(&1));
        assert_eq!(const_generic([1, 2]), [1, 2]);
        assert_eq!(impl_arguments(String::from("abc"), str::len), Ok(3));
    });
    let expected = "generic ret=\"[1]\"\ngeneric_error err=\"2\" (failed)\ngeneric_error ret=\"3\"\nnot_debug\n\
                    not_debug err=\"no\" (failed)\nassociated\n\
                    associated err=\"cannot parse char from empty string\" (failed)\nprojected ret=\"Some(1)\"\n\
                    const_generic ret=\"[1, 2]\"\nimpl_arguments ret=\"3\"";
    assert_eq!(text, expected);
}

#[traceme(ret, err)]
fn elided(text: &str) -> Result<&str, String> {
    let (first, _) = text.split_once(' ').ok_or("no space")?;
    Ok(first)
}

#[traceme(ret)]
fn named<'a>(a: &'a str, _b: &str) -> &'a str {
    &a[1..]
}

#[traceme(ret)]
fn out_of_an_argument(list: &mut Vec<u8>) -> &mut u8 {
    list.push(1);
    &mut list[0]
}

#[traceme(ret)]
fn the_argument_itself(list: &mut Vec<u8>) -> &mut Vec<u8> {
    list.push(1);
    list
}

#[traceme(ret, err)]
fn found<'a>(map: &'a mut HashMap<u8, u8>, key: &u8) -> Result<&'a mut u8, String> {
    if !map.contains_key(key) {
        map.insert(*key, 0);
    }
    map.get_mut(key).ok_or_else(|| String::from("missing"))
}

#[traceme(err)]
fn split<'a, 'b: 'a>(x: &'a mut [u8], y: &'b mut [u8]) -> Result<(&'a mut u8, &'a mut u8), &'static str> {
    let x = x.first_mut().ok_or("x is empty")?;
    let y = y.first_mut().ok_or("y is empty")?;
    Ok((x, y))
}

#[traceme(ret)]
fn advances<'a>(rest: &mut &'a str) -> &'a str {
    let (first, others) = rest.split_at(1);
    *rest = others;
    first
}

#[traceme(ret)]
fn dynamic(x: &(dyn Debug + Send)) -> &(dyn Debug + Send) {
    x
}

#[traceme(ret)]
fn boxed<'a>(x: &'a u8) -> Box<dyn Debug + 'a> {
    Box::new(x)
}

#[traceme(ret)]
fn by_value(text: String, _other: String) -> String {
    text
}

#[traceme(ret, err(Debug))]
fn by_value_on_some_ways(text: String, keep: bool) -> Result<String, ()> {
    if keep { Ok(text) } else { Err(()) }
}

#[traceme(err)]
fn boxed_closure(n: u8) -> Result<Box<dyn Fn(u8) -> u8>, String> {
    Ok(Box::new(move |x| x + n))
}

#[traceme(err(Debug))]
fn function_pointer(f: fn(u8) -> u8) -> Result<fn(u8) -> u8, ()> {
    Ok(f)
}

#[test]
fn borrows_and_ownership_leave_through_the_result() {
    let mut list = vec![5];
    let mut map = HashMap::new();
    let text = recorded(1, || {
        assert_eq!(elided("a b"), Ok("a"));
        assert!(elided("ab").is_err());
        assert_eq!(named("abc", ""), "bc");
        *out_of_an_argument(&mut list) += 1;
        the_argument_itself(&mut list).push(2);
        assert_eq!(list, [6, 1, 1, 2]);
        *found(&mut map, &1).expect("it is inserted") += 1;
        assert_eq!(found(&mut map, &1), Ok(&mut 1));
        assert_eq!(split(&mut [1], &mut [2]), Ok((&mut 1, &mut 2)));
        assert_eq!(split(&mut [1], &mut []), Err("y is empty"));
        let mut rest = "xyz";
        assert_eq!((advances(&mut rest), advances(&mut rest), rest), ("x", "y", "z"));
        assert_eq!(format!("{:?}{:?}", dynamic(&1), boxed(&2)), "12");
        assert_eq!(by_value("a".into(), "b".into()), "a");
        assert_eq!(by_value_on_some_ways("a".into(), true), Ok("a".into()));
        assert_eq!(by_value_on_some_ways("a".into(), false), Err(()));
        assert_eq!(boxed_closure(1).map(|f| f(1)), Ok(2));
        assert_eq!(function_pointer(|x| x + 1).map(|f| f(1)), Ok(2));
    });
    let expected = "elided ret=\"\\\"a\\\"\"\nelided err=\"no space\" (failed)\nnamed ret=\"\\\"bc\\\"\"\n\
                    out_of_an_argument ret=\"5\"\nthe_argument_itself ret=\"[6, 1, 1]\"\nfound ret=\"0\"\n\
                    found ret=\"1\"\nsplit\nsplit err=\"y is empty\" (failed)\nadvances ret=\"\\\"x\\\"\"\n\
                    advances ret=\"\\\"y\\\"\"\ndynamic ret=\"1\"\nboxed ret=\"2\"\nby_value ret=\"\\\"a\\\"\"\n\
                    by_value_on_some_ways ret=\"\\\"a\\\"\"\nby_value_on_some_ways err=\"()\" (failed)\n\
                    boxed_closure\nfunction_pointer";
    assert_eq!(text, expected);
}

#[traceme(ret)]
fn mutable(mut x: u8, (mut a, b): (u8, u8), [first, ..]: [u8; 3]) -> u8 {
    x += 1;
    a += b;
    x + a + first
}

#[traceme(ret, meta(x))]
fn recursive(x: u8) -> u8 {
    if x == 0 { 0 } else { recursive(x - 1) + x }
}

#[traceme(ret)]
#[allow(unsafe_code, unsafe_op_in_unsafe_fn, reason = "a shape")]
unsafe fn unchecked(x: *const u8) -> u8 {
    // SAFETY: the caller points to a number.
    *x
}

#[traceme(ret)]
extern "C" fn foreign(x: u8) -> u8 {
    x
}

#[must_use]
#[inline]
#[traceme(ret)]
fn attributed(x: u8) -> u8 {
    x
}

#[traceme(ret, err, span = s, meta(first = 1))]
fn own_guard(x: u8) -> Result<u8, String> {
    append!(s, second = x);
    if !s.is_recorded() {
        return Err("not recorded".into());
    }
    let append_later = || append!(s, third = x + 1);
    append_later();
    Ok(x)
}

#[traceme(ret)]
fn counts(calls: &Cell<u8>) -> u8 {
    calls.set(calls.get() + 1);
    calls.get()
}

struct Cleanup;

impl Drop for Cleanup {
    #[traceme(ret)]
    fn drop(&mut self) {
        recursive(0);
    }
}

#[traceme(err)]
fn cleans_up() -> Result<(), String> {
    let _cleanup = Cleanup;
    unwind();
    Ok(())
}

#[test]
fn bodies_of_every_kind() {
    let calls = Cell::new(0);
    let text = recorded(1, || {
        assert_eq!(mutable(1, (2, 3), [4, 5, 6]), 11);
        assert_eq!(recursive(2), 3);
        #[allow(unsafe_code, reason = "a shape")]
        // SAFETY: it points to a number.
        let one = unsafe { unchecked(&1) };
        assert_eq!((one, foreign(1), attributed(1)), (1, 1, 1));
        assert_eq!(own_guard(2), Ok(2));
        assert_eq!((counts(&calls), calls.get()), (1, 1));
        assert!(caught(cleans_up));
    });
    let expected = "mutable ret=\"11\"\nrecursive x=2 ret=\"3\"\n  recursive x=1 ret=\"1\"\n    recursive x=0 ret=\"0\"\n\
                    unchecked ret=\"1\"\nforeign ret=\"1\"\nattributed ret=\"1\"\nown_guard first=1 second=2 third=3 ret=\"2\"\n\
                    counts ret=\"1\"\ncleans_up (panicked)\n  drop ret=\"()\"\n    recursive x=0 ret=\"0\"";
    assert_eq!(text, expected);
}
