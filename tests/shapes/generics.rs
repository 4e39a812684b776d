//! Type parameters, bounds, and `impl Trait` in arguments.

use std::fmt::{Debug, Display};
use std::marker::PhantomData;
use std::ops::Add;

use traceme::traceme;

use super::support::recorded;

#[traceme(meta(value = ?value))]
fn parameter<T: Debug>(value: T) -> T {
    value
}

#[traceme]
fn where_clause<T, U>(x: T, y: U) -> T::Output
where
    T: Add<U>,
    U: Copy,
{
    x + y
}

#[traceme(name = std::any::type_name::<T>(), meta(size = size_of::<T>(), align = align_of::<T>()))]
fn only_a_type<T: Default>() -> T {
    T::default()
}

#[traceme(meta(shown = %value))]
fn unsized_parameter<T: Display + ?Sized>(value: &T) -> usize {
    value.to_string().len()
}

#[traceme]
fn bound_of_an_associated_type<I: Iterator<Item: Into<u64>>>(items: I) -> u64 {
    items.map(Into::into).sum()
}

#[traceme]
fn where_clause_without_parameters() -> u8
where
    u8: Copy,
{
    1
}

#[traceme]
fn explicit_then_inferred<To, From: Copy>(value: From) -> To
where
    To: std::convert::From<From>,
{
    To::from(value)
}

#[test]
fn type_parameters() {
    let text = recorded(1, || {
        assert_eq!(parameter(Some("x")), Some("x"));
        assert_eq!(where_clause(1, 2), 3);
        assert_eq!(only_a_type::<u16>(), 0);
        assert_eq!(unsized_parameter("four") + unsized_parameter::<dyn Display>(&12), 6);
        assert_eq!(bound_of_an_associated_type([1_u8, 2].iter().copied()), 3);
        assert_eq!(where_clause_without_parameters(), 1);
        assert_eq!(explicit_then_inferred::<u64, _>(7_u8), 7);
    });
    let expected = "parameter value=\"Some(\\\"x\\\")\"\nwhere_clause\nu16 size=2 align=2\n\
                    unsized_parameter shown=\"four\"\nunsized_parameter shown=\"12\"\n\
                    bound_of_an_associated_type\nwhere_clause_without_parameters\nexplicit_then_inferred";
    assert_eq!(text, expected);
}

#[traceme(meta(n))]
fn impl_fn(f: impl Fn(u8) -> u8, n: u8) -> u8 {
    f(n)
}

#[traceme]
fn impl_fn_once(f: impl FnOnce() -> String) -> String {
    f()
}

#[traceme]
fn impl_fn_mut(mut f: impl FnMut(&str)) {
    f("a");
    f("b");
}

#[traceme]
fn nested_impl(items: impl IntoIterator<Item = impl Into<u64>>) -> u64 {
    items.into_iter().map(Into::into).sum()
}

#[traceme]
fn reference_to_impl(items: &mut impl Iterator<Item = u8>) -> Option<u8> {
    items.next()
}

#[traceme]
fn dyn_closure(f: &mut dyn FnMut(u8) -> bool) -> bool {
    f(1)
}

#[test]
fn impl_trait_in_arguments() {
    let text = recorded(1, || {
        assert_eq!(impl_fn(|n| n + 1, 1), 2);
        let moved = String::from("moved");
        assert_eq!(impl_fn_once(move || moved), "moved");
        let mut seen = String::new();
        impl_fn_mut(|part| seen.push_str(part));
        assert_eq!(seen, "ab");
        assert_eq!(nested_impl(vec![1_u8, 2]), 3);
        assert_eq!(reference_to_impl(&mut [5].iter().copied()), Some(5));
        assert!(dyn_closure(&mut |n| n == 1));
    });
    assert_eq!(text, "impl_fn n=1\nimpl_fn_once\nimpl_fn_mut\nnested_impl\nreference_to_impl\ndyn_closure");
}

#[traceme]
fn higher_ranked<F>(f: F) -> usize
where
    F: for<'a> Fn(&'a str) -> &'a str,
{
    let local = String::from(" x ");
    f(&local).len()
}

#[traceme]
fn higher_ranked_pointer(f: for<'a> fn(&'a [u8]) -> Option<&'a u8>) -> u8 {
    f(&[3, 4]).copied().unwrap_or(0)
}

#[traceme]
fn higher_ranked_object(f: Box<dyn for<'a> Fn(&'a u8) -> &'a u8>) -> u8 {
    *f(&9)
}

#[test]
fn higher_ranked_bounds() {
    let text = recorded(1, || {
        assert_eq!(higher_ranked(str::trim), 1);
        assert_eq!(higher_ranked_pointer(<[u8]>::first), 3);
        assert_eq!(higher_ranked_object(Box::new(|x| x)), 9);
    });
    assert_eq!(text, "higher_ranked\nhigher_ranked_pointer\nhigher_ranked_object");
}

/// Has a parameter with a default, and one that only a type carries.
struct Tagged<T, Tag = ()>(T, PhantomData<Tag>);

impl<T: Copy + Debug, Tag> Tagged<T, Tag> {
    #[traceme(name = std::any::type_name::<Tag>(), meta(value = ?value))]
    fn new(value: T) -> Self {
        Self(value, PhantomData)
    }

    #[traceme]
    fn map<U>(&self, f: impl Fn(T) -> U) -> Tagged<U, Tag> {
        Tagged(f(self.0), PhantomData)
    }
}

#[traceme(meta(depth))]
fn generic_recursion<T: Debug + Clone>(value: &T, depth: u8) -> String {
    if depth == 0 { format!("{:?}", value) } else { generic_recursion(&value.clone(), depth - 1) }
}

#[test]
fn methods_of_generic_types_and_generic_recursion() {
    let text = recorded(1, || {
        assert_eq!(Tagged::<u8, bool>::new(1).map(|x| x + 1).0, 2);
        assert_eq!(generic_recursion(&'x', 1), "'x'");
    });
    assert_eq!(text, "bool value=\"1\"\nmap\ngeneric_recursion depth=1\n  generic_recursion depth=0");
}

#[traceme(level = 3)]
fn called_as_a_value<T: Add<Output = T>>(x: T, y: T) -> T {
    x + y
}

#[test]
fn an_instance_of_a_generic_function_as_an_argument() {
    let text = recorded(3, || assert_eq!([1, 2, 3].iter().copied().fold(0, called_as_a_value), 6));
    assert_eq!(text, "called_as_a_value\ncalled_as_a_value\ncalled_as_a_value");
}
