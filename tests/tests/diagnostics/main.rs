//! An annotation changes nothing that the compiler says about a function: ordinary mistakes in it, compiled bare and
//! annotated, give the same messages, byte for byte, in every edition; and clippy gives the same warnings.

#[path = "../off/asm.rs"]
#[allow(dead_code, reason = "shared with the tests of code that is compiled out")]
mod asm;
mod asynchronous;
#[path = "../off/build.rs"]
#[allow(dead_code, reason = "shared with the tests of code that is compiled out")]
mod build;
mod cases;
mod compiler;

use std::collections::BTreeSet;

use asm::diff;
use cases::Case;
use compiler::{Above, Compiler, EDITIONS, in_parallel};

/// How the messages about an annotated function differ from those about the bare one; empty if they don't.
fn difference(bare: &str, annotated: &str) -> String {
    let lines = |text: &str| text.lines().map(String::from).collect::<Vec<_>>();
    if bare == annotated { String::new() } else { diff(&lines(bare), &lines(annotated)) }
}

/// How the messages about a source differ, in one edition, and whether there are any.
fn compare(rustc: &Compiler, &(name, source): &Case, edition: &str) -> (bool, Vec<String>) {
    let bare = rustc.says(name, edition, Above::Nothing, source);
    // Arguments mean the same in every edition.
    let annotated = if edition == "2024" { &ANNOTATED[..] } else { &ANNOTATED[..1] };
    let different = annotated.iter().filter_map(|&above| {
        let difference = difference(&bare, &rustc.says(name, edition, above, source));
        (!difference.is_empty()).then(|| format!("{name}, {edition}, {above:?}:\n{difference}\n"))
    });
    (!bare.is_empty(), different.collect())
}

/// Mistakes whose messages differ, and why.
const DIFFER: [(&str, &str); 6] = [
    (
        "return_missing_in_a_branch",
        "the label at the return type is left out where a body's end is the end of an inner block",
    ),
    ("else_missing", "the same"),
    ("question_mark_in_a_unit_function", "so is the part of the suggestion that adds `Ok(())`"),
    ("break_outside_of_a_loop", "a block that is no function's can be broken out of, with a label: it is suggested"),
    ("temporary_dropped", "the suggestion of a `let` becomes a note"),
    ("closure_outlives", "the whole body is shown as what is returned"),
];

const ANNOTATED: [Above; 2] = [Above::Attribute, Above::AttributeWithArguments];

#[test]
fn mistakes_give_the_same_messages() {
    let rustc = Compiler::rustc();
    let cases: Vec<_> = cases::all().flat_map(|case| EDITIONS.map(|edition| (case, edition))).collect();
    let compared = in_parallel(&cases, |&(case, edition)| compare(&rustc, case, edition));
    for (cases, results) in cases.chunks(EDITIONS.len()).zip(compared.chunks(EDITIONS.len())) {
        assert!(results.iter().any(|result| result.0), "the compiler finds nothing wrong with {}", cases[0].0.0);
    }
    let compared = cases.iter().zip(compared).map(|((case, _), (_, different))| (case.0, different));
    assert_only_these_differ(&DIFFER, compared);
}

/// What is said of all other mistakes is the same, and of these it is not.
fn assert_only_these_differ(known: &[(&str, &str)], compared: impl Iterator<Item = (&'static str, Vec<String>)>) {
    let (mut expected, mut unexpected) = (BTreeSet::new(), Vec::new());
    for (case, different) in compared {
        if known.iter().any(|(name, _)| *name == case) {
            expected.extend((!different.is_empty()).then_some(case));
        } else {
            unexpected.extend(different);
        }
    }
    assert_eq!(expected, known.iter().map(|(name, _)| *name).collect(), "those that differ no more are to be equal");
    assert!(
        unexpected.is_empty(),
        "{} messages about bare (-) and annotated (+) functions differ:\n\n{}",
        unexpected.len(),
        unexpected.concat()
    );
}

/// Clippy has as much to say about an annotated function as about the bare one.
#[test]
fn clippy_gives_the_same_warnings() {
    let clippy = Compiler::clippy();
    let source = include_str!("linted.rs");
    let above = [Above::Nothing, Above::Attribute, Above::AttributeWithArguments];
    let said = in_parallel(&above, |&above| clippy.says("linted", "2024", above, source));
    // What a mistake in `linted.rs` would leave untested.
    let kinds = said[0].lines().filter(|line| line.starts_with("warning: ")).collect::<BTreeSet<_>>().len();
    assert!(
        kinds >= WARNINGS && !said[0].contains("error["),
        "clippy has only {kinds} different warnings:\n{}",
        said[0]
    );
    assert_same(&said);
    let source = include_str!("linted_impls.rs");
    let said = in_parallel(&above, |&above| clippy.says("linted_impls", "2024", above, source));
    assert_same(&said);
}

/// What is said of annotated functions is what is said of the bare ones, which comes first.
fn assert_same(said: &[String]) {
    for (said_of_annotated, above) in said[1..].iter().zip(ANNOTATED) {
        let difference = difference(&said[0], said_of_annotated);
        assert!(
            difference.is_empty(),
            "warnings about bare (-) and annotated (+) functions differ, {above:?}:\n{difference}"
        );
    }
}

/// How many different ones there are at least.
const WARNINGS: usize = 40;
