//! Temporaries of the last expression: dropped inside the span in every edition, before or after the variables as the
//! edition says.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Mutex;

use super::support::{Loud, as_its_twin, recorded, twins};

fn loud(name: &'static str) -> Loud {
    Loud(name)
}

twins! {
    fn temporary() -> usize {
        loud("temporary").len()
    }

    fn with_a_variable() -> usize {
        let _variable = Loud("variable");
        loud("temporary").len()
    }

    fn with_an_argument(_argument: Loud) -> usize {
        let _variable = Loud("variable");
        loud("one").len() + loud("two").len()
    }

    fn in_a_match() -> usize {
        let _variable = Loud("variable");
        match loud("scrutinee").len() {
            9 => loud("arm").len(),
            other => other,
        }
    }

    fn in_an_if() -> usize {
        let _variable = Loud("variable");
        if loud("condition").len() == 9 { loud("branch").len() } else { 0 }
    }

    fn in_an_if_let() -> usize {
        let _variable = Loud("variable");
        if let Some(0) = Some(loud("scrutinee").len()) {
            1
        } else {
            loud("else").len()
        }
    }

    fn in_a_call() -> String {
        let _variable = Loud("variable");
        String::from(loud("in a call").0)
    }

    fn in_a_structure() -> (usize, Loud) {
        (loud("temporary").len(), loud("kept"))
    }

    fn in_a_loop() -> usize {
        let _variable = Loud("variable");
        loop {
            break loud("in a loop").len();
        }
    }

    fn in_a_macro() -> String {
        let _variable = Loud("variable");
        format!("{}", loud("in a macro").len())
    }

    fn after_a_return() -> usize {
        let _variable = Loud("variable");
        return loud("returned").len();
    }

    fn with_a_question_mark() -> Option<usize> {
        let _variable = Loud("variable");
        Some(loud("first").len().checked_sub(1)? + loud("second").len().checked_sub(100)?)
    }

    fn extended_in_a_let() -> usize {
        let borrowed = &loud("extended");
        let _variable = Loud("variable");
        borrowed.len()
    }

    fn unit_without_a_semicolon() {
        let _variable = Loud("variable");
        assert_eq!(loud("temporary").len(), 9)
    }

    fn in_a_block() -> usize {
        let _variable = Loud("variable");
        {
            let _inner = Loud("inner");
            loud("temporary").len()
        }
    }

    fn reference_to_a_temporary() -> usize {
        let _variable = Loud("variable");
        (&loud("borrowed")).len()
    }
}

/// Everything a function records but its arguments is inside its span.
#[track_caller]
fn inside(bare: fn() -> usize, annotated: fn() -> usize, instants: usize) {
    let text = as_its_twin(bare, annotated);
    let outside: Vec<_> = text.lines().skip(1).filter(|line| !line.starts_with("  * ")).collect();
    assert!(outside.is_empty(), "not inside the span: {}", text);
    assert_eq!(text.lines().count(), 1 + instants, "{}", text);
}

#[test]
fn temporaries_are_inside() {
    inside(bare::temporary, annotated::temporary, 1);
    inside(bare::with_a_variable, annotated::with_a_variable, 2);
    inside(bare::reference_to_a_temporary, annotated::reference_to_a_temporary, 2);
}

#[test]
fn temporaries_of_branches_are_inside() {
    inside(bare::in_a_match, annotated::in_a_match, 3);
    inside(bare::in_an_if, annotated::in_an_if, 3);
    inside(bare::in_an_if_let, annotated::in_an_if_let, 3);
    inside(bare::in_a_loop, annotated::in_a_loop, 2);
    inside(bare::in_a_block, annotated::in_a_block, 3);
}

#[test]
fn temporaries_of_returns_and_variables_are_inside() {
    inside(bare::after_a_return, annotated::after_a_return, 2);
    inside(bare::extended_in_a_let, annotated::extended_in_a_let, 2);
    inside(|| bare::with_a_question_mark().map_or(0, |_| 1), || annotated::with_a_question_mark().map_or(0, |_| 1), 3);
    inside(
        || {
            bare::unit_without_a_semicolon();
            0
        },
        || {
            annotated::unit_without_a_semicolon();
            0
        },
        2,
    );
}

#[test]
fn temporaries_of_calls_and_macros_are_inside() {
    inside(|| bare::in_a_call().len(), || annotated::in_a_call().len(), 2);
    inside(|| bare::in_a_macro().len(), || annotated::in_a_macro().len(), 2);
}

#[test]
fn arguments_outlive_temporaries_and_the_span() {
    let text = as_its_twin(
        || assert_eq!(bare::with_an_argument(Loud("argument")), 6),
        || assert_eq!(annotated::with_an_argument(Loud("argument")), 6),
    );
    assert_eq!(text.lines().filter(|line| line.starts_with("  * ")).count(), 3, "{}", text);
    assert!(text.ends_with("\n* argument"), "{}", text);
}

#[test]
fn a_value_that_is_returned_is_dropped_outside() {
    let text = as_its_twin(bare::in_a_structure, annotated::in_a_structure);
    assert_eq!(text, "in_a_structure\n  * temporary\n* kept");
}

mod guards {
    use super::*;
    use traceme::traceme;

    #[traceme]
    pub(super) fn length_in_a_lock(m: &Mutex<Vec<u8>>) -> usize {
        m.lock().unwrap_or_else(std::sync::PoisonError::into_inner).len()
    }

    #[traceme]
    pub(super) fn length_in_a_cell(cell: &RefCell<String>) -> usize {
        cell.borrow().len()
    }

    #[traceme]
    pub(super) fn inserts(map: &RefCell<HashMap<u8, u8>>) -> u8 {
        *map.borrow_mut().entry(1).or_insert(5)
    }

    #[traceme]
    pub(super) fn matches_on_a_borrow(cell: &RefCell<Option<u8>>) -> u8 {
        match *cell.borrow() {
            Some(x) => x,
            None => 0,
        }
    }

    #[traceme]
    pub(super) fn if_let_on_a_borrow(cell: &RefCell<Vec<u8>>) -> u8 {
        if let Some(last) = cell.borrow_mut().pop() { last } else { 0 }
    }

    #[traceme]
    pub(super) fn argument_by_value(cell: RefCell<String>) -> usize {
        cell.borrow().len()
    }

    #[traceme]
    pub(super) fn chain_of_temporaries(text: &str) -> Vec<String> {
        text.to_string().trim().to_uppercase().split(' ').map(ToString::to_string).collect()
    }

    #[traceme]
    pub(super) fn changes(cell: &Cell<u8>) -> u8 {
        cell.replace(cell.get() + 1)
    }
}

#[test]
fn locks_and_borrows_at_the_end_of_a_body() {
    let text = recorded(1, || {
        let m = Mutex::new(vec![1]);
        assert_eq!(guards::length_in_a_lock(&m), 1);
        assert!(m.try_lock().is_ok());
        assert_eq!(guards::length_in_a_cell(&RefCell::new(String::from("x"))), 1);
        assert_eq!(guards::inserts(&RefCell::default()), 5);
        assert_eq!(guards::matches_on_a_borrow(&RefCell::new(Some(2))), 2);
        let cell = RefCell::new(vec![7]);
        assert_eq!(guards::if_let_on_a_borrow(&cell), 7);
        assert!(cell.try_borrow_mut().is_ok());
        assert_eq!(guards::argument_by_value(RefCell::new(String::from("xy"))), 2);
        assert_eq!(guards::chain_of_temporaries(" a b "), ["A", "B"]);
        assert_eq!(guards::changes(&Cell::new(3)), 3);
    });
    let expected = "length_in_a_lock\nlength_in_a_cell\ninserts\nmatches_on_a_borrow\nif_let_on_a_borrow\n\
                    argument_by_value\nchain_of_temporaries\nchanges";
    assert_eq!(text, expected);
}
