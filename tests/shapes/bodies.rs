//! What a body can begin and end with, and the items in it.

use traceme::{append, traceme};

use super::support::recorded;

#[traceme]
fn empty() {}

#[traceme]
fn only_a_comment() {
    // Nothing to do.
}

#[traceme]
#[allow(redundant_semicolons, reason = "a shape")]
#[rustfmt::skip]
fn only_a_semicolon() { ; }

#[traceme]
fn only_a_statement() {
    empty();
}

#[traceme]
fn unit_by_a_call() {
    empty()
}

#[traceme]
fn string() -> &'static str {
    "text"
}

#[traceme]
fn parenthesis_first(x: u8, y: u8) -> u8 {
    (x + y) * 2
}

#[traceme]
fn tuple_first() -> (u8, u8) {
    (1, 2)
}

#[traceme]
fn array_first() -> [u8; 2] {
    [1, 2]
}

#[traceme]
fn dereference_first(x: &mut u8) {
    *x += 1;
}

#[traceme]
fn dereference_last(x: &u8) -> u8 {
    *x
}

#[traceme]
fn reference_first(x: &[u8]) -> &[u8] {
    &x[1..]
}

#[traceme]
fn minus_first(x: i8) -> i8 {
    -x
}

#[traceme]
fn not_first(x: bool) -> bool {
    !x
}

#[traceme]
fn closure_first() -> impl Fn() -> u8 {
    || 3
}

#[traceme]
fn block_first() -> u8 {
    {
        empty();
    }
    {
        empty();
        4
    }
}

#[traceme]
fn if_first(x: bool) -> u8 {
    if x {
        return 1;
    }
    2
}

#[traceme]
fn if_last(x: bool) -> u8 {
    if x { 1 } else { 2 }
}

#[traceme]
fn match_first(x: u8) -> u8 {
    match x {
        0 => {}
        _ => return 7,
    }
    match x {
        0 => 8,
        _ => 9,
    }
}

#[traceme]
fn range_first() -> std::ops::RangeTo<u8> {
    ..3
}

#[traceme]
fn macro_last() -> Vec<u8> {
    vec![1]
}

#[traceme]
fn macro_with_braces_last() -> String {
    format! { "{}", 5 }
}

#[traceme]
fn macro_statement_last(x: u8) {
    assert_eq!(x, 1)
}

#[traceme]
fn todo_like() -> u8 {
    unreachable!()
}

#[test]
fn beginnings_and_ends() {
    let text = recorded(1, || {
        empty();
        only_a_comment();
        only_a_semicolon();
        only_a_statement();
        unit_by_a_call();
        assert_eq!(string(), "text");
        assert_eq!(parenthesis_first(1, 2), 6);
        assert_eq!(tuple_first(), (1, 2));
        assert_eq!(array_first(), [1, 2]);
        let mut x = 1;
        dereference_first(&mut x);
        assert_eq!(dereference_last(&x), 2);
        assert_eq!(*reference_first(&[1, 2]), [2]);
        assert_eq!(minus_first(1), -1);
        assert!(not_first(false));
        assert_eq!(closure_first()(), 3);
        assert_eq!(block_first(), 4);
        assert_eq!(if_first(true) + if_first(false) + if_last(true) + if_last(false), 6);
        assert_eq!(match_first(0) + match_first(1), 15);
        assert_eq!(range_first(), ..3);
        assert_eq!(macro_last(), [1]);
        assert_eq!(macro_with_braces_last(), "5");
        macro_statement_last(1);
        assert!(std::panic::catch_unwind(todo_like).is_err());
    });
    let expected = "empty\nonly_a_comment\nonly_a_semicolon\nonly_a_statement\n  empty\nunit_by_a_call\n  empty\n\
                    string\nparenthesis_first\ntuple_first\narray_first\ndereference_first\ndereference_last\n\
                    reference_first\nminus_first\nnot_first\nclosure_first\nblock_first\n  empty\n  empty\n\
                    if_first\nif_first\nif_last\nif_last\nmatch_first\nmatch_first\nrange_first\nmacro_last\n\
                    macro_with_braces_last\nmacro_statement_last\ntodo_like (panicked)";
    assert_eq!(text, expected);
}

#[traceme]
fn items_first() -> usize {
    use std::collections::BTreeSet as Set;
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    struct Local(u8);
    impl Local {
        #[traceme]
        fn new(value: u8) -> Self {
            Self(value)
        }
    }
    const LIMIT: u8 = 3;
    (0..LIMIT).map(Local::new).filter(|local| local.0 != 1).collect::<Set<_>>().len()
}

#[traceme]
fn items_last() -> u8 {
    return nested() + TWO;

    #[traceme]
    fn nested() -> u8 {
        1
    }
    const TWO: u8 = 2;
}

#[traceme]
fn static_of_our_names() -> u8 {
    static CALLSITE: u8 = 1;
    static __TRACEME_SITE: u8 = 2;
    const SITE: u8 = 4;
    CALLSITE + __TRACEME_SITE + SITE
}

#[traceme(meta(x = double!(x)))]
fn macro_inside(x: u8) -> u8 {
    macro_rules! triple {
        ($e:expr) => {
            $e * 3
        };
    }
    triple!(x + 1)
}

macro_rules! double {
    ($e:expr) => {
        $e * 2
    };
}
use double;

#[traceme]
fn trait_inside() -> u8 {
    trait Doubled {
        fn doubled(&self) -> u8;
    }
    impl Doubled for u8 {
        #[traceme]
        fn doubled(&self) -> u8 {
            self * 2
        }
    }
    4.doubled()
}

#[traceme]
fn module_inside() -> u8 {
    mod inner {
        #[traceme::traceme]
        pub(super) fn f() -> u8 {
            5
        }
    }
    inner::f()
}

#[traceme]
fn function_of_the_same_name() -> u8 {
    #[traceme]
    fn function_of_the_same_name() -> u8 {
        6
    }
    function_of_the_same_name()
}

#[traceme]
fn shadows_its_arguments(x: u8, y: String) -> usize {
    let x = x + 1;
    let y = y + "!";
    let x = usize::from(x) + y.len();
    x
}

#[traceme]
fn inner_attributes(x: u8) -> u8 {
    #![allow(unused_variables, reason = "a shape: the attribute comes first")]
    //! Inner documentation is an attribute too.
    #![allow(clippy::let_and_return, reason = "a shape")]
    let unused = 1;
    let result = x;
    result
}

#[traceme]
fn nested_closures(x: u8) -> u8 {
    let add = |y: u8| move |z: u8| x + y + z;
    let mut sum = 0;
    let mut collect = |n| sum += n;
    collect(add(1)(2));
    collect(x);
    sum
}

#[traceme(span = own)]
fn span_inside(rows: u8) -> u8 {
    traceme::trace_scope!("inside");
    append!(own, rows);
    rows
}

#[test]
fn items_macros_and_closures_inside() {
    let text = recorded(1, || {
        assert_eq!(items_first(), 2);
        assert_eq!(items_last(), 3);
        assert_eq!(static_of_our_names(), 7);
        assert_eq!(macro_inside(2), 9);
        assert_eq!(trait_inside(), 8);
        assert_eq!(module_inside(), 5);
        assert_eq!(function_of_the_same_name(), 6);
        assert_eq!(shadows_its_arguments(1, String::from("x")), 4);
        assert_eq!(inner_attributes(1), 1);
        assert_eq!(nested_closures(1), 5);
        assert_eq!(span_inside(2), 2);
    });
    let expected = "items_first\n  new\n  new\n  new\nitems_last\n  nested\nstatic_of_our_names\nmacro_inside x=4\n\
                    trait_inside\n  doubled\nmodule_inside\n  f\n\
                    function_of_the_same_name\n  function_of_the_same_name\nshadows_its_arguments\n\
                    inner_attributes\nnested_closures\nspan_inside rows=2\n  inside";
    assert_eq!(text, expected);
}
