//! Lifetimes: elided, named, outliving, early and late bound.

use std::borrow::Cow;

use traceme::traceme;

use super::support::recorded;

#[traceme]
fn elided(text: &str) -> &str {
    text.trim()
}

#[traceme(meta(x, y))]
fn named<'a>(x: &'a str, y: &str) -> &'a str {
    x.strip_prefix(y).unwrap_or(x)
}

#[traceme]
fn outlives<'long: 'short, 'short>(long: &'long str, short: &'short str) -> &'short str {
    if short.is_empty() { long } else { short }
}

#[traceme]
fn static_lifetime(text: &'static str) -> &'static str {
    text
}

#[traceme]
fn made_static() -> &'static str {
    "made"
}

#[traceme]
fn anonymous(parts: std::str::Split<'_, char>) -> Vec<&str> {
    parts.collect()
}

#[traceme(meta(len = text.len()))]
fn borrowed_or_owned(text: &str) -> Cow<'_, str> {
    if text.contains('a') { Cow::Owned(text.replace('a', "b")) } else { text.into() }
}

#[traceme]
fn mutable_elided(numbers: &mut [u8]) -> Option<&mut u8> {
    numbers.iter_mut().max()
}

#[traceme]
fn reborrows(numbers: &mut Vec<u8>) -> &mut Vec<u8> {
    numbers.push(1);
    numbers.push(2);
    numbers
}

#[traceme(name = text)]
fn name_borrows<'a>(text: &'a mut String) -> &'a str {
    text.push('!');
    text
}

#[traceme]
fn in_a_bound<'a, T: 'a + ?Sized>(value: &'a T) -> &'a T {
    value
}

#[test]
fn references_in_and_out() {
    let text = recorded(1, || {
        let local = String::from(" x ");
        assert_eq!(elided(&local), "x");
        assert_eq!(named("abc", &String::from("a")), "bc");
        assert_eq!(outlives("long", &local), " x ");
        assert_eq!(static_lifetime("s").len() + made_static().len(), 5);
        assert_eq!(anonymous("a,b".split(',')), ["a", "b"]);
        assert!(matches!(borrowed_or_owned("xyz"), Cow::Borrowed("xyz")));
        let mut numbers = vec![3, 5];
        *mutable_elided(&mut numbers).expect("a largest one") = 0;
        assert_eq!(*reborrows(&mut numbers), [3, 0, 1, 2]);
        assert_eq!(name_borrows(&mut String::from("name")), "name!");
        assert_eq!(in_a_bound("unsized"), "unsized");
    });
    let expected = "elided\nnamed x=\"abc\" y=\"a\"\noutlives\nstatic_lifetime\nmade_static\nanonymous\n\
                    borrowed_or_owned len=3\nmutable_elided\nreborrows\nname\nin_a_bound";
    assert_eq!(text, expected);
}

/// Holds a reference, and gives it away for as long as it lives.
struct Reader<'text> {
    text: &'text str,
}

impl<'text> Reader<'text> {
    #[traceme(meta(left = self.text.len()))]
    fn word(&mut self) -> Option<&'text str> {
        let (word, rest) = self.text.split_once(' ')?;
        self.text = rest;
        Some(word)
    }

    #[traceme]
    fn of_self<'a>(&'a self, _other: &'text str) -> &'a &'text str {
        &self.text
    }
}

#[test]
fn the_result_outlives_the_borrow_of_self() {
    let text = recorded(1, || {
        let mut reader = Reader { text: "a b c" };
        let (first, second) = (reader.word(), reader.word());
        assert_eq!((first, second), (Some("a"), Some("b")));
        assert_eq!(*reader.of_self(""), "c");
    });
    assert_eq!(text, "word left=5\nword left=3\nof_self");
}

#[traceme]
fn late_bound<'a>(text: &'a str, _: &()) -> &'a str {
    text
}

#[test]
fn late_bound_lifetimes_stay_late() {
    let pointer: for<'a, 'b> fn(&'a str, &'b ()) -> &'a str = late_bound;
    let text = recorded(1, || {
        let local = String::from("short");
        assert_eq!(pointer(&local, &()), "short");
        assert_eq!(["x"].iter().map(|text| elided(text)).collect::<String>(), "x");
    });
    assert_eq!(text, "late_bound\nelided");
}
