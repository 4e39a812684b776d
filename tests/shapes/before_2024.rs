//! What editions 2018 and 2021 accept, and 2024 doesn't.
#![allow(unsafe_code, reason = "attributes and declarations that name symbols")]

use std::cell::RefCell;
use std::fmt::Display;

use traceme::traceme;

use crate::shapes::support::{Loud, as_its_twin, recorded, twins};

#[traceme]
fn gen(gen: u8) -> u8 {
    gen
}

#[traceme]
#[no_mangle]
extern "C" fn traceme_shape_before_2024(x: u8) -> u8 {
    x
}

mod declared {
    extern "C" {
        pub(super) fn traceme_shape_before_2024(x: u8) -> u8;
    }
}

#[traceme]
fn captures_no_lifetime(text: &str) -> impl Display {
    text.len()
}

#[traceme]
fn if_let_keeps_its_scrutinee(cell: &RefCell<Option<u8>>) -> bool {
    if let Some(0) = *cell.borrow() { true } else { cell.try_borrow_mut().is_err() }
}

twins! {
    fn else_branch() {
        if let Some(0) = Some(Loud("scrutinee").len()) {
        } else {
            drop(Loud("else"));
        }
    }

    fn last_expression() -> usize {
        let _variable = Loud("variable");
        Loud("temporary").len()
    }
}

#[test]
fn accepted_before_2024() {
    let text = recorded(1, || {
        assert_eq!(gen(1) + traceme_shape_before_2024(2), 3);
        // SAFETY: it is the function above.
        assert_eq!(unsafe { declared::traceme_shape_before_2024(3) }, 3);
        let shown = captures_no_lifetime(&String::from("four"));
        assert_eq!(shown.to_string(), "4");
        assert!(if_let_keeps_its_scrutinee(&RefCell::new(None)));
    });
    let expected = "gen\ntraceme_shape_before_2024\ntraceme_shape_before_2024\ncaptures_no_lifetime\n\
                    if_let_keeps_its_scrutinee";
    assert_eq!(text, expected);
}

#[test]
fn temporaries_live_longer() {
    let text = as_its_twin(bare::else_branch, annotated::else_branch);
    assert_eq!(text, "else_branch\n  * else\n  * scrutinee");
    let text = as_its_twin(bare::last_expression, annotated::last_expression);
    assert_eq!(text, "last_expression\n  * variable\n  * temporary");
}
