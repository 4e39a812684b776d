//! What edition 2024 accepts, and no other.
#![allow(clippy::never_loop, clippy::needless_lifetimes, reason = "shapes")]

use std::cell::RefCell;
use std::fmt::Display;

use traceme::traceme;

use crate::shapes::support::{Loud, as_its_twin, recorded, twins};

#[traceme]
fn let_chain(text: &str) -> u64 {
    if let Some(rest) = text.strip_prefix("n=")
        && let Ok(number) = rest.parse::<u64>()
        && number > 1
    {
        number
    } else {
        0
    }
}

#[traceme(meta(short = if let Some(first) = text.chars().next() && first == 'x' { "x" } else { "other" }))]
fn let_chain_in_metadata(text: &str) -> usize {
    while let Some(last) = text.chars().last()
        && last == 'x'
    {
        return text.len();
    }
    0
}

#[traceme]
fn captures_every_lifetime<'a>(text: &'a str, other: &str) -> impl Iterator<Item = char> {
    text.chars().chain(other.chars())
}

#[traceme]
fn captures_what_it_names<'a>(text: &'a str, other: &str) -> impl Display + use<'a> {
    assert!(!other.is_empty());
    text
}

#[traceme]
fn borrow_of_a_variable_at_the_end() -> usize {
    let cell = RefCell::new(String::from("text"));
    cell.borrow().len()
}

#[traceme]
fn if_let_drops_its_scrutinee(cell: &RefCell<Option<u8>>) -> bool {
    if let Some(0) = *cell.borrow() { true } else { cell.try_borrow_mut().is_ok() }
}

#[traceme]
fn boxed_slice_by_value(texts: Box<[String]>) -> String {
    texts.into_iter().collect()
}

macro_rules! any_expression {
    ($name:ident, $e:expr, $old:expr_2021) => {
        #[traceme(meta(e = $e))]
        fn $name() -> u8 {
            $old + $e
        }
    };
}

any_expression!(const_block, const { 1 + 1 }, 1);

#[traceme]
fn async_closure() -> usize {
    let closure = async |x: u8| x + 1;
    size_of_val(&closure)
}

twins! {
    fn last_expression() -> usize {
        let _variable = Loud("variable");
        Loud("temporary").len()
    }

    fn else_branch() {
        if let Some(0) = Some(Loud("scrutinee").len()) {
        } else {
            drop(Loud("else"));
        }
    }

    fn inner_block() -> usize {
        let _variable = Loud("variable");
        let length = { Loud("temporary").len() };
        length + Loud("last").len()
    }
}

#[test]
fn accepted_since_2024() {
    let text = recorded(1, || {
        assert_eq!(let_chain("n=4") + let_chain("n=1") + let_chain("x"), 4);
        assert_eq!(let_chain_in_metadata("x") + let_chain_in_metadata("y"), 1);
        assert_eq!(captures_every_lifetime("a", &String::from("b")).collect::<String>(), "ab");
        let shown = captures_what_it_names("a", &String::from("b"));
        assert_eq!(shown.to_string(), "a");
        assert_eq!(borrow_of_a_variable_at_the_end(), 4);
        assert!(if_let_drops_its_scrutinee(&RefCell::new(None)));
        assert_eq!(boxed_slice_by_value(Box::new([String::from("x"), String::from("y")])), "xy");
        assert_eq!(const_block(), 3);
        assert_eq!(async_closure(), 0);
    });
    let expected = "let_chain\nlet_chain\nlet_chain\nlet_chain_in_metadata short=\"x\"\n\
                    let_chain_in_metadata short=\"other\"\ncaptures_every_lifetime\ncaptures_what_it_names\n\
                    borrow_of_a_variable_at_the_end\nif_let_drops_its_scrutinee\nboxed_slice_by_value\n\
                    const_block e=2\nasync_closure";
    assert_eq!(text, expected);
}

#[test]
fn temporaries_are_dropped_early() {
    let text = as_its_twin(bare::last_expression, annotated::last_expression);
    assert_eq!(text, "last_expression\n  * temporary\n  * variable");
    let text = as_its_twin(bare::else_branch, annotated::else_branch);
    assert_eq!(text, "else_branch\n  * scrutinee\n  * else");
    let text = as_its_twin(bare::inner_block, annotated::inner_block);
    assert_eq!(text, "inner_block\n  * temporary\n  * last\n  * variable");
}
