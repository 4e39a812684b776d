//! What is dropped when: variables inside the span, arguments after it, in the order of the bare function.

use super::support::{Loud, as_its_twin, twins};

/// Arguments of several types.
struct Pair {
    left: Loud,
    right: Loud,
}

fn pair() -> Pair {
    Pair { left: Loud("left"), right: Loud("right") }
}

twins! {
    fn variables() {
        let _first = Loud("first");
        let _ = Loud("not bound");
        let _second = (Loud("second.0"), Loud("second.1"));
    }

    fn arguments(_a: Loud, b: Loud, _: Loud) -> usize {
        let _variable = Loud("variable");
        b.len()
    }

    fn moved_argument(a: Loud, b: Loud) {
        drop(b);
        let a = a;
        let _variable = Loud("variable");
        let _last = a;
    }

    fn returned_argument(a: Loud, _b: Loud) -> Loud {
        let _variable = Loud("variable");
        a
    }

    fn destructured(Pair { left, right: _ }: Pair, (_c, _): (Loud, Loud)) {
        let _variable = Loud("variable");
        drop(left);
    }

    fn partially_moved(pair: Pair) -> Loud {
        let _variable = Loud("variable");
        assert_eq!(pair.right.len(), 5);
        pair.left
    }

    fn maybe_moved(a: Loud, b: bool) -> Option<Loud> {
        let _variable = Loud("variable");
        if b {
            return Some(a);
        }
        None
    }

    fn shadowed(a: Loud) -> usize {
        let a = (a, Loud("new"));
        let a = (Loud("newest"), a);
        a.0.len()
    }

    fn early(which: u8, _a: Loud) -> Option<u8> {
        let _first = Loud("first");
        if which == 0 {
            let _inner = Loud("inner");
            return Some(1);
        }
        let _second = Loud("second");
        (which != 1).then_some(())?;
        let _third = Loud("third");
        Some(2)
    }

    fn assigned() {
        let mut x = Loud("overwritten");
        let later;
        assert_eq!(x.len(), 11);
        x = Loud("new");
        later = Loud("later");
        drop(x);
        let _moved = later;
    }

    fn closures(a: Loud) -> usize {
        let b = Loud("captured");
        let f = move || a.len() + b.len();
        let _after = Loud("after");
        f()
    }

    fn blocks_and_loops() {
        let _outer = Loud("outer");
        {
            let _inner = Loud("inner");
        }
        for name in vec!["one", "two"] {
            let _each = Loud(name);
        }
        let _ = match Loud("scrutinee") {
            Loud(name) => name.len(),
        };
    }

    fn nested_call() -> usize {
        let _here = Loud("here");
        arguments(Loud("a"), Loud("b"), Loud("c"))
    }

    fn boxed_and_counted(a: Box<Loud>, b: std::rc::Rc<Loud>) {
        let _other = std::rc::Rc::clone(&b);
        let _vec = vec![Loud("0"), Loud("1")];
        let _moved = *a;
    }
}

#[test]
fn variables_are_dropped_inside() {
    let text = as_its_twin(bare::variables, annotated::variables);
    assert_eq!(text, "variables\n  * not bound\n  * second.0\n  * second.1\n  * first");
    let text = as_its_twin(bare::assigned, annotated::assigned);
    assert_eq!(text, "assigned\n  * overwritten\n  * new\n  * later");
    let text = as_its_twin(bare::blocks_and_loops, annotated::blocks_and_loops);
    assert_eq!(text, "blocks_and_loops\n  * inner\n  * one\n  * two\n  * scrutinee\n  * outer");
}

#[test]
fn arguments_are_dropped_after_the_span() {
    let text = as_its_twin(
        || assert_eq!(bare::arguments(Loud("a"), Loud("b"), Loud("c")), 1),
        || assert_eq!(annotated::arguments(Loud("a"), Loud("b"), Loud("c")), 1),
    );
    assert_eq!(text, "arguments\n  * variable\n* c\n* b\n* a");
    let text = as_its_twin(
        || bare::returned_argument(Loud("a"), Loud("b")),
        || annotated::returned_argument(Loud("a"), Loud("b")),
    );
    assert_eq!(text, "returned_argument\n  * variable\n* b\n* a");
    let text = as_its_twin(
        || bare::destructured(pair(), (Loud("c"), Loud("d"))),
        || annotated::destructured(pair(), (Loud("c"), Loud("d"))),
    );
    assert_eq!(text, "destructured\n  * left\n  * variable\n* c\n* d\n* right");
}

#[test]
fn arguments_that_are_moved_are_dropped_where_they_are() {
    let text =
        as_its_twin(|| bare::moved_argument(Loud("a"), Loud("b")), || annotated::moved_argument(Loud("a"), Loud("b")));
    assert_eq!(text, "moved_argument\n  * b\n  * a\n  * variable");
    let text = as_its_twin(|| bare::partially_moved(pair()), || annotated::partially_moved(pair()));
    assert_eq!(text, "partially_moved\n  * variable\n* right\n* left");
    for (moved, expected) in
        [(true, "maybe_moved\n  * variable\n* a"), (false, "maybe_moved\n  * variable\n* a")].iter()
    {
        let text = as_its_twin(|| bare::maybe_moved(Loud("a"), *moved), || annotated::maybe_moved(Loud("a"), *moved));
        assert_eq!(text, *expected);
    }
    let text =
        as_its_twin(|| assert_eq!(bare::shadowed(Loud("a")), 6), || assert_eq!(annotated::shadowed(Loud("a")), 6));
    assert_eq!(text, "shadowed\n  * newest\n  * a\n  * new");
    let text = as_its_twin(
        || bare::boxed_and_counted(Box::new(Loud("box")), std::rc::Rc::new(Loud("rc"))),
        || annotated::boxed_and_counted(Box::new(Loud("box")), std::rc::Rc::new(Loud("rc"))),
    );
    assert_eq!(text, "boxed_and_counted\n  * box\n  * 0\n  * 1\n* rc");
}

#[test]
fn on_every_way_out() {
    let ways = [
        (0, Some(1), "early\n  * inner\n  * first\n* a"),
        (1, None, "early\n  * second\n  * first\n* a"),
        (2, Some(2), "early\n  * third\n  * second\n  * first\n* a"),
    ];
    for (which, result, expected) in ways.iter().copied() {
        let text = as_its_twin(
            || assert_eq!(bare::early(which, Loud("a")), result),
            || assert_eq!(annotated::early(which, Loud("a")), result),
        );
        assert_eq!(text, expected);
    }
}

#[test]
fn what_closures_and_calls_hold() {
    let text =
        as_its_twin(|| assert_eq!(bare::closures(Loud("a")), 9), || assert_eq!(annotated::closures(Loud("a")), 9));
    assert_eq!(text, "closures\n  * after\n  * a\n  * captured");
    let text = as_its_twin(bare::nested_call, annotated::nested_call);
    assert_eq!(text, "nested_call\n  arguments\n    * variable\n  * c\n  * b\n  * a\n  * here");
}
