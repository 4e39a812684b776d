//! Every way through a body and out of it.

use std::collections::BTreeMap;
use std::num::ParseIntError;
use std::ops::ControlFlow;

use traceme::traceme;

use super::support::recorded;

#[traceme]
fn called() -> u8 {
    1
}

#[traceme]
fn question_mark_on_result(text: &str) -> Result<u64, ParseIntError> {
    if text.is_empty() {
        return Ok(0);
    }
    let number: u64 = text.parse()?;
    called();
    Ok(number)
}

#[traceme]
fn question_mark_on_option(text: &str) -> Option<char> {
    let first = text.chars().next()?;
    first.is_lowercase().then_some(first)
}

#[traceme]
fn question_mark_on_control_flow(limit: u8) -> ControlFlow<u8> {
    (0..5).try_for_each(|n| if n == limit { ControlFlow::Break(n) } else { ControlFlow::Continue(()) })?;
    ControlFlow::Continue(())
}

/// An error that others are converted to.
#[derive(Debug, PartialEq)]
struct Failed(&'static str);

impl From<ParseIntError> for Failed {
    fn from(_: ParseIntError) -> Self {
        Self("parse")
    }
}

#[traceme]
fn question_mark_at_the_end(text: &str) -> Result<u8, Failed> {
    Ok(text.parse::<u8>()?)
}

#[traceme]
fn question_mark_in_arguments(text: &str) -> Result<String, Failed> {
    Ok(format!("{}{}", text.parse::<u8>()?, question_mark_at_the_end(text)?))
}

#[traceme]
fn closure_like_a_try_block(parts: &[&str]) -> u32 {
    let sum = || -> Result<u32, ParseIntError> {
        let mut sum = 0;
        for part in parts {
            sum += part.parse::<u32>()?;
        }
        Ok(sum)
    };
    sum().unwrap_or(0)
}

#[test]
fn question_marks() {
    let text = recorded(1, || {
        assert_eq!(question_mark_on_result(""), Ok(0));
        assert!(question_mark_on_result("x").is_err());
        assert_eq!(question_mark_on_result("4"), Ok(4));
        assert_eq!((question_mark_on_option(""), question_mark_on_option("a")), (None, Some('a')));
        assert_eq!(question_mark_on_control_flow(3), ControlFlow::Break(3));
        assert_eq!(question_mark_in_arguments("x"), Err(Failed("parse")));
        assert_eq!(question_mark_in_arguments("1").as_deref(), Ok("11"));
        assert_eq!(closure_like_a_try_block(&["1", "2"]) + closure_like_a_try_block(&["1", "x"]), 3);
    });
    let expected = "question_mark_on_result\nquestion_mark_on_result\nquestion_mark_on_result\n  called\n\
                    question_mark_on_option\nquestion_mark_on_option\nquestion_mark_on_control_flow\n\
                    question_mark_in_arguments\nquestion_mark_in_arguments\n  question_mark_at_the_end\n\
                    closure_like_a_try_block\nclosure_like_a_try_block";
    assert_eq!(text, expected);
}

#[traceme]
fn loop_with_a_value(start: u32) -> u32 {
    let mut n = start;
    loop {
        if n > 100 {
            break n;
        }
        n *= 2;
    }
}

#[traceme]
fn labels(rows: &[&[u8]]) -> Option<u8> {
    'rows: for row in rows {
        for cell in *row {
            match cell {
                0 => continue 'rows,
                1 => break 'rows,
                _ => return Some(*cell),
            }
        }
    }
    None
}

#[traceme]
fn labelled_block(n: u8) -> &'static str {
    'found: {
        if n == 0 {
            break 'found "zero";
        }
        "more"
    }
}

#[traceme]
fn label_and_value_through_loops() -> u8 {
    'outer: loop {
        loop {
            break 'outer called();
        }
    }
}

#[traceme]
fn return_in_a_match(n: u8) -> u8 {
    let doubled = match n {
        0 => return 9,
        n => n * 2,
    };
    doubled + called()
}

#[traceme]
fn return_in_every_branch(n: u8) -> u8 {
    if n == 0 {
        return 1;
    }
    return if n == 1 { 2 } else { return 3 };
}

#[traceme]
fn return_in_a_loop_without_an_end(numbers: &mut Vec<u8>) -> u8 {
    while let Some(last) = numbers.pop() {
        if last > 2 {
            return last;
        }
    }
    0
}

#[traceme]
fn return_of_nothing(numbers: &mut BTreeMap<u8, u8>) {
    let Some(first) = numbers.get_mut(&1) else { return };
    *first = called();
}

#[traceme]
fn let_else(text: &str) -> u8 {
    let Ok(number) = text.parse::<u8>() else {
        return 255;
    };
    let (first @ 0..=9, last) = (number, 2) else { return 0 };
    first + last
}

#[traceme]
fn if_let_and_else(value: Option<u8>) -> u8 {
    if let Some(n @ 1..=9) = value {
        n
    } else if let None = value {
        0
    } else {
        called() + 9
    }
}

#[traceme]
fn infinite_loop_that_returns() -> u8 {
    let mut n = 0;
    loop {
        n += 1;
        if n == 3 {
            return n;
        }
    }
}

#[test]
fn loops_labels_and_returns() {
    let text = recorded(1, || {
        assert_eq!(loop_with_a_value(30), 120);
        assert_eq!((labels(&[&[0, 9], &[7]]), labels(&[&[1], &[7]])), (Some(7), None));
        assert_eq!(labelled_block(0), "zero");
        assert_eq!(label_and_value_through_loops(), 1);
        assert_eq!(return_in_a_match(0) + return_in_a_match(1), 12);
        assert_eq!([0, 1, 2].map(return_in_every_branch), [1, 2, 3]);
        assert_eq!(return_in_a_loop_without_an_end(&mut vec![1, 5, 2]), 5);
        let mut map = BTreeMap::new();
        return_of_nothing(&mut map);
        map.insert(1, 0);
        return_of_nothing(&mut map);
        assert_eq!(map[&1], 1);
        assert_eq!(let_else("4"), 6);
        assert_eq!([Some(5), None, Some(50)].map(if_let_and_else), [5, 0, 10]);
        assert_eq!(infinite_loop_that_returns(), 3);
    });
    let expected = "loop_with_a_value\nlabels\nlabels\nlabelled_block\nlabel_and_value_through_loops\n  called\n\
                    return_in_a_match\nreturn_in_a_match\n  called\n\
                    return_in_every_branch\nreturn_in_every_branch\nreturn_in_every_branch\n\
                    return_in_a_loop_without_an_end\nreturn_of_nothing\nreturn_of_nothing\n  called\nlet_else\n\
                    if_let_and_else\nif_let_and_else\nif_let_and_else\n  called\ninfinite_loop_that_returns";
    assert_eq!(text, expected);
}

#[traceme(meta(n))]
fn factorial(n: u64) -> u64 {
    if n == 0 { 1 } else { n * factorial(n - 1) }
}

#[traceme]
fn is_even(n: u8) -> bool {
    n == 0 || is_odd(n - 1)
}

#[traceme]
fn is_odd(n: u8) -> bool {
    n != 0 && is_even(n - 1)
}

#[test]
fn recursion() {
    let text = recorded(1, || assert_eq!(factorial(2), 2));
    assert_eq!(text, "factorial n=2\n  factorial n=1\n    factorial n=0");
    assert_eq!(recorded(1, || assert!(is_even(2))), "is_even\n  is_odd\n    is_even");
}
