//! `ret` and `err`: what is dropped when. The body is in a closure, which owns what it moves: an argument that is moved on
//! only some of its ways is dropped at the end of the body where the bare function would drop it behind, with the other
//! arguments; and one that is `mut` is dropped there, too, if it or the result holds a reference. So the order can differ from the
//! bare function's if there are several arguments.

use traceme::instant;

use super::support::{Loud, as_its_twin, caught, recorded, twins, unwind};

type Printed<T> = Result<T, &'static str>;

/// Dropped loudly, and holds a reference.
struct Held<'a>(Loud, &'a u8);

twins! {
    #[traceme(err)]
    fn variables() -> Printed<()> {
        let _first = Loud("first");
        let _ = Loud("not bound");
        let _second = (Loud("second.0"), Loud("second.1"));
        Ok(())
    }

    #[traceme(ret)]
    fn arguments(_a: Loud, b: Loud, _: Loud) -> usize {
        let _variable = Loud("variable");
        b.len()
    }

    #[traceme(err)]
    fn moved(a: Loud, b: Loud) -> Printed<()> {
        drop(b);
        let a = a;
        let _variable = Loud("variable");
        let _last = a;
        Ok(())
    }

    #[traceme(err)]
    fn returned(a: Loud, _b: Loud) -> Printed<Loud> {
        let _variable = Loud("variable");
        Ok(a)
    }

    #[traceme(err)]
    fn early(which: u8, _a: Loud) -> Printed<u8> {
        let _first = Loud("first");
        if which == 0 {
            let _inner = Loud("inner");
            return Ok(1);
        }
        let _second = Loud("second");
        if which == 1 { Err("one") } else { Ok(()) }?;
        let _third = Loud("third");
        Ok(2)
    }

    #[traceme(ret)]
    fn temporaries(_argument: Loud) -> usize {
        let _variable = Loud("variable");
        Loud("temporary").len()
    }

    #[traceme(ret)]
    fn temporary_of_a_match() -> usize {
        let _variable = Loud("variable");
        match Loud("scrutinee").len() {
            9 => Loud("arm").len(),
            other => other,
        }
    }

    #[traceme(err)]
    fn unwinds(_argument: Loud, moved: Loud) -> Printed<()> {
        let _first = Loud("first");
        let _moved = moved;
        unwind();
        Ok(())
    }

    #[traceme(ret)]
    fn partially_moved(pair: (Loud, Loud)) -> usize {
        let _variable = Loud("variable");
        drop(pair.0);
        pair.1.len()
    }

    #[traceme(err)]
    fn only_maybe_moved(a: Loud, keep: bool) -> Printed<Option<Loud>> {
        let _variable = Loud("variable");
        if keep { Ok(Some(a)) } else { Err("dropped") }
    }

    #[traceme(err)]
    fn maybe_moved_among_others(a: Loud, _b: Loud, keep: bool) -> Printed<Option<Loud>> {
        let _variable = Loud("variable");
        if keep { Ok(Some(a)) } else { Err("dropped") }
    }

    #[traceme(ret)]
    fn mutable(mut a: Loud, b: Loud, _c: Loud, n: &mut usize) -> usize {
        let _variable = Loud("variable");
        a.0 = "changed";
        *n += b.len();
        *n
    }

    #[traceme(ret)]
    fn mutable_reference(mut a: Held<'_>, _b: Loud) -> u8 {
        let _variable = Loud("variable");
        a.1 = &3;
        *a.1 + u8::from(a.0.len() == 1)
    }

    #[traceme(err)]
    fn two_maybe_moved(a: Loud, b: Loud, keep: bool) -> Printed<Vec<Loud>> {
        let _variable = Loud("variable");
        if keep { Ok(vec![a, b]) } else { Err("dropped") }
    }
}

#[test]
fn variables_are_dropped_before_the_result_is_recorded() {
    let text = as_its_twin(bare::variables, annotated::variables);
    assert_eq!(text, "variables\n  * not bound\n  * second.0\n  * second.1\n  * first");
    let ways = [
        (0, Ok(1), "early\n  * inner\n  * first\n* a"),
        (1, Err("one"), "early err=\"one\" (failed)\n  * second\n  * first\n* a"),
        (2, Ok(2), "early\n  * third\n  * second\n  * first\n* a"),
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
fn arguments_are_dropped_as_in_the_bare_function() {
    let text = as_its_twin(
        || assert_eq!(bare::arguments(Loud("a"), Loud("b"), Loud("c")), 1),
        || assert_eq!(annotated::arguments(Loud("a"), Loud("b"), Loud("c")), 1),
    );
    assert_eq!(text, "arguments ret=\"1\"\n  * variable\n* c\n* b\n* a");
    let text = as_its_twin(
        || assert!(bare::moved(Loud("a"), Loud("b")).is_ok()),
        || assert!(annotated::moved(Loud("a"), Loud("b")).is_ok()),
    );
    assert_eq!(text, "moved\n  * b\n  * a\n  * variable");
    let text = as_its_twin(
        || bare::returned(Loud("a"), Loud("b")).map(drop),
        || annotated::returned(Loud("a"), Loud("b")).map(drop),
    );
    assert_eq!(text, "returned\n  * variable\n* b\n* a");
    let text = as_its_twin(
        || bare::partially_moved((Loud("left"), Loud("right"))),
        || annotated::partially_moved((Loud("left"), Loud("right"))),
    );
    assert_eq!(text, "partially_moved ret=\"5\"\n  * left\n  * variable\n* right");
    let text = as_its_twin(
        || assert!(caught(|| bare::unwinds(Loud("a"), Loud("b")))),
        || assert!(caught(|| annotated::unwinds(Loud("a"), Loud("b")))),
    );
    assert_eq!(text, "unwinds (panicked)\n  * b\n  * first\n* a");
}

#[test]
fn temporaries_are_dropped_inside_in_the_order_of_the_edition() {
    let text = as_its_twin(|| bare::temporaries(Loud("a")), || annotated::temporaries(Loud("a")));
    let (inside, outside) = text.split_at(text.rfind('\n').unwrap_or_default());
    assert_eq!((inside.lines().count(), outside), (3, "\n* a"), "{}", text);
    assert!(inside.starts_with("temporaries ret=\"9\"\n  * "), "{}", text);
    let text = as_its_twin(bare::temporary_of_a_match, annotated::temporary_of_a_match);
    assert_eq!(text.lines().filter(|line| line.starts_with("  * ")).count(), 3, "{}", text);
}

#[test]
fn an_argument_moved_on_some_ways_is_dropped_at_the_end_of_the_body() {
    for keep in [true, false].iter().copied() {
        let text = as_its_twin(
            || drop(bare::only_maybe_moved(Loud("a"), keep)),
            || drop(annotated::only_maybe_moved(Loud("a"), keep)),
        );
        let kept = "only_maybe_moved\n  * variable\n* a";
        let dropped = "only_maybe_moved err=\"dropped\" (failed)\n  * variable\n  * a";
        assert_eq!(text, if keep { kept } else { dropped }, "inside the span if it isn't moved");
    }
}

#[test]
fn the_order_differs_from_the_bare_one_where_such_arguments_are_not_moved() {
    let text = recorded(1, || drop(bare::maybe_moved_among_others(Loud("a"), Loud("b"), false)));
    assert_eq!(text, "* variable\n* b\n* a");
    let text = recorded(1, || drop(annotated::maybe_moved_among_others(Loud("a"), Loud("b"), false)));
    assert_eq!(text, "maybe_moved_among_others err=\"dropped\" (failed)\n  * variable\n  * a\n* b");
    let text = recorded(1, || drop(bare::two_maybe_moved(Loud("a"), Loud("b"), false)));
    assert_eq!(text, "* variable\n* b\n* a");
    let text = recorded(1, || drop(annotated::two_maybe_moved(Loud("a"), Loud("b"), false)));
    assert_eq!(text, "two_maybe_moved err=\"dropped\" (failed)\n  * variable\n  * a\n  * b");
    let text = as_its_twin(
        || bare::two_maybe_moved(Loud("a"), Loud("b"), true).map(|all| all.len()),
        || annotated::two_maybe_moved(Loud("a"), Loud("b"), true).map(|all| all.len()),
    );
    assert_eq!(text, "two_maybe_moved\n  * variable\n* a\n* b");
}

#[test]
fn a_mutable_argument_that_holds_a_reference_is_dropped_at_the_end_of_the_body() {
    let text = as_its_twin(
        || assert_eq!(bare::mutable(Loud("a"), Loud("b"), Loud("c"), &mut 1), 2),
        || assert_eq!(annotated::mutable(Loud("a"), Loud("b"), Loud("c"), &mut 1), 2),
    );
    assert_eq!(text, "mutable ret=\"2\"\n  * variable\n* c\n* b\n* changed", "others are not");
    let held = || Held(Loud("a"), &1);
    let text = recorded(1, || assert_eq!(bare::mutable_reference(held(), Loud("b")), 4));
    assert_eq!(text, "* variable\n* b\n* a");
    let text = recorded(1, || assert_eq!(annotated::mutable_reference(held(), Loud("b")), 4));
    assert_eq!(text, "mutable_reference ret=\"4\"\n  * variable\n  * a\n* b");
}

/// Prints when it is recorded, and is loud.
struct Prints(Loud);

impl std::fmt::Debug for Prints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        instant!("printed");
        f.write_str((self.0).0)
    }
}

#[traceme::traceme(ret)]
fn printed(_argument: Loud) -> Prints {
    let _variable = Loud("variable");
    Prints(Loud("result"))
}

#[test]
fn the_result_is_printed_between_variables_and_arguments() {
    let text = recorded(1, || drop(printed(Loud("argument"))));
    assert_eq!(text, "printed ret=\"result\"\n  * variable\n  * printed\n* argument\n* result");
}
