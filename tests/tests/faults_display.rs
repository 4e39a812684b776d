//! `Display` and `Debug` impls are user code: they trace, print too much, fail and panic.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use common::{assert_sound, recorded, spawn, traced};
use traceme::trace::Value;
use traceme::{instant, span, trace_scope};

/// Prints with a function.
struct Prints<F>(F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Prints<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0(f)
    }
}

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Debug for Prints<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0(f)
    }
}

fn prints<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result>(print: F) -> Prints<F> {
    Prints(print)
}

/// Checks what is kept of a value that prints, and whether it is marked as cut.
#[track_caller]
fn assert_kept(value: impl fmt::Display + Send + 'static, (expected, cut): (String, bool)) {
    let trace = traced(1, || spawn("work", move || instant!("printed", meta(value = %value))).join().unwrap());
    assert_sound(&trace);
    let point = trace.instants().next().unwrap();
    let Some(("value", Value::Str(text))) = point.args().next() else { panic!("{point:?}") };
    let kept = text.to_str();
    let end = kept.chars().rev().take(3).collect::<String>();
    assert!(
        kept == expected,
        "{} bytes are kept, of {}; the last ones are, backwards, {end}",
        kept.len(),
        expected.len()
    );
    assert_eq!((text.len(), text.is_cut()), (expected.len(), cut), "the length, and whether it is cut");
}

#[test]
fn an_impl_that_traces_is_recorded_before_its_event_which_prints_whole() {
    let text = recorded(|| {
        let traces = prints(|f| {
            trace_scope!("in Debug", meta(inner = %"inner text"));
            f.write_str("before ")?;
            instant!("point", meta(other = ?"other text"));
            f.write_str("after")
        });
        trace_scope!("outer", meta(a = %"first", b = ?traces, c = %"last"));
        instant!("in outer");
    });
    let expected = "in Debug inner=\"inner text\"\n  * point other=\"\\\"other text\\\"\"\n\
        outer a=\"first\" b=\"before after\" c=\"last\"\n  * in outer";
    assert_eq!(text, expected);
}

#[test]
fn impls_that_trace_inside_each_other_keep_their_texts_apart() {
    let text = recorded(|| {
        let third = prints(|f| {
            instant!("third", meta(text = %"3"));
            f.write_str("three")
        });
        let second = prints(|f| {
            f.write_str("2<")?;
            instant!("second", meta(text = %third));
            write!(f, "{third}>2")
        });
        let first = prints(|f| {
            f.write_str("1<")?;
            instant!("first", meta(text = %second, again = %second));
            write!(f, "{second}>1")
        });
        instant!("zeroth", meta(text = %first));
    });
    let second = "* third text=\"3\"\n* second text=\"three\"\n* third text=\"3\"";
    let expected = format!(
        "{second}\n{second}\n* first text=\"2<three>2\" again=\"2<three>2\"\n{second}\n* zeroth text=\"1<2<three>2>1\""
    );
    assert_eq!(text, expected);
}

#[test]
fn an_impl_may_leave_a_span_open() {
    let text = recorded(|| {
        let guard = std::cell::RefCell::new(None);
        let opens = prints(|f| {
            *guard.borrow_mut() = Some(span!("opened in Display"));
            f.write_str("x")
        });
        instant!("event", meta(opens = %opens));
        drop(guard);
        instant!("after");
    });
    assert_eq!(text, "opened in Display\n  * event opens=\"x\"\n* after");
}

#[test]
fn what_is_too_long_is_cut_at_a_character_and_marked() {
    assert_kept("x".repeat(4094), ("x".repeat(4094), false));
    assert_kept("x".repeat(4095), ("x".repeat(4094), true));
    assert_kept("é".repeat(2048), ("é".repeat(2047), true));
    assert_kept(format!("a{}", "é".repeat(3000)), (format!("a{}", "é".repeat(2046)), true));
    assert_kept("\u{1F600}".repeat(2000), ("\u{1F600}".repeat(1023), true));
    assert_kept(format!("abc{}", "\u{1F600}".repeat(2000)), (format!("abc{}", "\u{1F600}".repeat(1022)), true));
}

#[test]
fn what_is_too_long_in_many_pieces_is_cut_and_marked() {
    let pieces = |piece: &'static str, count| prints(move |f| (0..count).try_for_each(|_| f.write_str(piece)));
    assert_kept(pieces("é", 2047), ("é".repeat(2047), false));
    assert_kept(pieces("é", 5000), ("é".repeat(2047), true));
    assert_kept(pieces("abc", 5000), (format!("{}ab", "abc".repeat(1364)), true));
}

#[test]
fn an_impl_that_goes_on_when_it_is_told_to_stop_is_cut_and_marked_all_the_same() {
    let stubborn = |piece: &'static str| {
        prints(move |f| {
            for _ in 0..5000 {
                let _ = f.write_str(piece);
            }
            Ok(())
        })
    };
    assert_kept(stubborn("é"), ("é".repeat(2047), true));
    assert_kept(stubborn("éx"), (format!("{}é", "éx".repeat(1364)), true));
}

#[test]
fn nothing_is_kept_behind_a_cut() {
    let gap = prints(|f| {
        let _ = f.write_str(&format!("a{}", "é".repeat(3000)));
        let _ = f.write_char('x');
        Ok(())
    });
    assert_kept(gap, (format!("a{}", "é".repeat(2046)), true));
}

#[test]
fn an_impl_that_fails_keeps_what_it_printed_and_is_marked() {
    let fails = prints(|f| {
        f.write_str("so far")?;
        Err(fmt::Error)
    });
    assert_kept(fails, ("so far".into(), true));
    assert_kept(prints(|_| Err(fmt::Error)), (String::new(), true));
}

#[test]
fn an_impl_that_panics_records_nothing_and_breaks_nothing() {
    let text = recorded(|| {
        let panics = prints(|f| {
            f.write_str("some")?;
            trace_scope!("in Display");
            resume_unwind(Box::new("expected"))
        });
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            trace_scope!("never", meta(before = %"before", panics = %panics));
        }));
        assert!(outcome.is_err());
        instant!("after", meta(text = %"whole"));
    });
    assert_eq!(text, "in Display (panicked)\n* after text=\"whole\"");
}

#[test]
fn four_long_values_fit_an_event_and_further_ones_are_cut_and_marked() {
    let trace = traced(1, || {
        let long = |char: &str| char.repeat(4094);
        let values = ["a", "b", "c", "d", "e"].map(long);
        let [a, b, c, d, e] = &values;
        instant!("long", meta(a = %a, b = %b, c = %c, d = %d, e = %e, short = 5 + 1));
        instant!("next", meta(a = %a));
    });
    assert_sound(&trace);
    let texts: Vec<_> = trace.instants().flat_map(|point| point.args().collect::<Vec<_>>()).collect();
    let shown = |at: usize| match texts[at] {
        (_, Value::Str(text)) => (text.to_str().into_owned(), text.is_cut()),
        (key, other) => panic!("{key}: {other:?}"),
    };
    for (at, char) in [(0, "a"), (1, "b"), (2, "c"), (3, "d"), (6, "a")] {
        assert_eq!(shown(at), (char.repeat(4094), false));
    }
    assert_eq!(shown(4), (String::new(), true));
    assert_eq!(texts[5], ("short", Value::I64(6)));
}
