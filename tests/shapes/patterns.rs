//! Arguments that are patterns.

use std::rc::Rc;

use traceme::traceme;

use super::support::recorded;

#[derive(Clone)]
struct Point {
    x: i32,
    y: i32,
    label: String,
}

fn point() -> Point {
    Point { x: 1, y: 2, label: String::from("p") }
}

#[traceme(meta(x, y))]
fn tuple((x, y): (u8, u8)) -> u8 {
    x + y
}

#[traceme(meta(a, d))]
#[allow(unused_parens, reason = "a shape")]
fn nested(((a, _), [b, .., c], (Ok(d) | Err(d))): ((u8, u8), [u8; 4], Result<u8, u8>)) -> u8 {
    a + b + c + d
}

#[traceme(meta(x, label = label.as_str()))]
fn structure(Point { x, y: _, label }: Point) -> String {
    label + &x.to_string()
}

#[traceme(meta(y))]
fn rest_of_a_structure(Point { y, .. }: &Point) -> i32 {
    *y
}

#[traceme(meta(len = label.len()))]
fn by_ref(Point { ref label, x: ref mut moved, .. }: Point) -> usize {
    *moved += 1;
    label.len()
}

#[traceme]
fn by_mut(mut count: u8, (mut a, b): (u8, u8)) -> u8 {
    count += 1;
    a += count;
    a + b
}

#[traceme(meta(count))]
fn mut_in_metadata(mut count: u8) -> u8 {
    count += 1;
    count
}

#[traceme]
fn ignored(_: u8, _unused: u8, _: String) {}

#[traceme(meta(x))]
fn dereferenced(&x: &u8, &(y, ref z): &(u8, String)) -> usize {
    usize::from(x + y) + z.len()
}

#[traceme]
fn dereferenced_mutable(&mut ref mut x: &mut u8) -> u8 {
    *x += 1;
    *x
}

#[traceme(meta(first, len = all.len()))]
fn bound_and_destructured(all @ [first, ..]: [u8; 3]) -> usize {
    all.len() + usize::from(first)
}

#[traceme(meta(x = all.x))]
fn bound_by_reference(ref all @ Point { ref label, .. }: Point) -> String {
    format!("{}{}", all.y, label)
}

#[traceme]
fn slice([first, middle @ .., last]: &[u8; 4]) -> usize {
    middle.len() + usize::from(first + last)
}

struct Unit;
const ONLY: Unit = Unit;

impl PartialEq for Unit {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[traceme]
fn unit_patterns(Unit: Unit, (): ()) -> u8 {
    1
}

struct Wrapped<T>(T);

#[traceme(meta(inner))]
fn tuple_structure<T: Copy + Into<u64>>(Wrapped(inner): Wrapped<T>) -> u64
where
    T: traceme::Value,
{
    inner.into()
}

#[traceme(meta(owners = Rc::strong_count(&rc)))]
fn partially_moved((rc, text): (Rc<u8>, String)) -> String {
    drop(rc);
    text
}

#[traceme]
fn deeply_nested(Wrapped((a, Wrapped([b, _]))): Wrapped<(u8, Wrapped<[u8; 2]>)>) -> u8 {
    a + b
}

#[traceme]
#[allow(clippy::too_many_arguments, reason = "a shape")]
fn many(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8) -> u8 {
    a + b + c + d + e + f + g + h + i + j
}

#[test]
fn patterns() {
    let text = recorded(1, || {
        assert_eq!(tuple((1, 2)), 3);
        assert_eq!(nested(((1, 9), [2, 9, 9, 3], Err(4))), 10);
        assert_eq!(structure(point()), "p1");
        assert_eq!(rest_of_a_structure(&point()), 2);
        assert_eq!(by_ref(point()), 1);
        assert_eq!(by_mut(1, (2, 3)), 7);
        assert_eq!(mut_in_metadata(1), 2);
        ignored(1, 2, String::new());
        assert_eq!(dereferenced(&1, &(2, String::from("x"))), 4);
        assert_eq!(dereferenced_mutable(&mut 1), 2);
        assert_eq!(bound_and_destructured([1, 2, 3]), 4);
        assert_eq!(bound_by_reference(point()), "2p");
        assert_eq!(slice(&[1, 2, 3, 4]), 7);
        assert_eq!(unit_patterns(ONLY, ()), 1);
        assert_eq!(tuple_structure(Wrapped(5_u8)), 5);
        assert_eq!(partially_moved((Rc::new(1), String::from("kept"))), "kept");
        assert_eq!(deeply_nested(Wrapped((1, Wrapped([2, 3])))), 3);
        assert_eq!(many(1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 10);
    });
    let expected = "tuple x=1 y=2\nnested a=1 d=4\nstructure x=1 label=\"p\"\nrest_of_a_structure y=2\n\
                    by_ref len=1\nby_mut\nmut_in_metadata count=1\nignored\ndereferenced x=1\n\
                    dereferenced_mutable\nbound_and_destructured first=1 len=3\nbound_by_reference x=1\nslice\n\
                    unit_patterns\ntuple_structure inner=5\npartially_moved owners=1\ndeeply_nested\nmany";
    assert_eq!(text, expected);
}
