//! Bodies that panic: what is dropped on the way, and which spans are flagged.

use std::panic::{UnwindSafe, catch_unwind};

use traceme::{trace_scope, traceme};

use super::support::{Loud, as_its_twin, caught, recorded, twins, unwind};

twins! {
    fn drops(_argument: Loud) {
        let _first = Loud("first");
        let _second = Loud("second");
        unwind();
        let _never = Loud("never");
    }

    fn drops_temporaries(_argument: Loud) -> usize {
        let _variable = Loud("variable");
        Loud("temporary").len() + unwind()
    }

    fn catches_inside(_argument: Loud) -> bool {
        let _variable = Loud("variable");
        caught(|| {
            let _inner = Loud("inner");
            unwind()
        })
    }

    fn moved_before(argument: Loud) {
        let _moved = argument;
        unwind();
    }
}

#[test]
fn variables_are_dropped_inside_while_unwinding() {
    let text = as_its_twin(
        || assert!(caught(|| bare::drops(Loud("argument")))),
        || assert!(caught(|| annotated::drops(Loud("argument")))),
    );
    assert_eq!(text, "drops (panicked)\n  * second\n  * first\n* argument");
    let text = as_its_twin(
        || assert!(caught(|| bare::drops_temporaries(Loud("argument")))),
        || assert!(caught(|| annotated::drops_temporaries(Loud("argument")))),
    );
    // In the order of the edition.
    let (first, rest) = text.split_once("\n  * ").expect("two instants inside");
    assert_eq!(first, "drops_temporaries (panicked)");
    assert!(["temporary\n  * variable\n* argument", "variable\n  * temporary\n* argument"].contains(&rest), "{}", text);
    let text = as_its_twin(
        || assert!(caught(|| bare::moved_before(Loud("argument")))),
        || assert!(caught(|| annotated::moved_before(Loud("argument")))),
    );
    assert_eq!(text, "moved_before (panicked)\n  * argument");
}

#[test]
fn a_panic_that_is_caught_inside_flags_nothing() {
    let text = as_its_twin(
        || assert!(bare::catches_inside(Loud("argument"))),
        || assert!(annotated::catches_inside(Loud("argument"))),
    );
    assert_eq!(text, "catches_inside\n  * inner\n  * variable\n* argument");
}

#[traceme]
fn fails(depth: u8) -> usize {
    if depth == 0 { unwind() } else { fails(depth - 1) }
}

#[traceme]
fn fails_again_inside() -> usize {
    assert!(caught(|| fails(0)));
    trace_scope!("between");
    fails(1)
}

#[traceme]
fn takes_a_closure(f: impl FnOnce() -> usize + UnwindSafe) -> usize {
    catch_unwind(f).unwrap_or(3)
}

/// Calls an annotated function while a panic unwinds.
struct Cleanup;

impl Drop for Cleanup {
    #[traceme]
    fn drop(&mut self) {
        helper();
    }
}

#[traceme(meta(panicking = std::thread::panicking()))]
fn helper() {}

#[traceme]
fn cleans_up() -> usize {
    let _cleanup = Cleanup;
    unwind()
}

#[traceme(meta(x = unwind()))]
fn metadata_fails(called: &mut bool) {
    *called = true;
}

#[test]
fn flags() {
    let text = recorded(1, || assert!(caught(fails_again_inside)));
    let expected = "fails_again_inside (panicked)\n  fails (panicked)\n  between (panicked)\n    fails (panicked)\n      \
                    fails (panicked)";
    assert_eq!(text, expected);
    assert_eq!(recorded(1, || assert_eq!(takes_a_closure(|| fails(0)), 3)), "takes_a_closure\n  fails (panicked)");
    let text = recorded(1, || assert!(caught(cleans_up)));
    assert_eq!(text, "cleans_up (panicked)\n  drop\n    helper panicking=true");
}

#[test]
fn metadata_that_panics_leaves_no_span() {
    let mut called = false;
    let text = recorded(1, || {
        assert!(caught(|| metadata_fails(&mut called)));
        helper();
    });
    assert_eq!((text.as_str(), called), ("helper panicking=false", false));
}
