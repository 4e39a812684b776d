//! The same mistakes in `async fn`s, whose bodies become blocks: what the compiler says is said at the same place, and
//! some of it in other words.

use std::collections::BTreeSet;

use crate::build::Kind;
use crate::cases;
use crate::compiler::{Above, Compiler, EDITIONS, in_parallel};
use crate::{assert_only_these_differ, difference};

/// Mistakes whose messages differ, and why.
const DIFFER: [(&str, &str); 20] = [
    ("mismatched_tail", "the label at the return type becomes a note"),
    ("branches_differ", "the same"),
    ("loop_without_a_value", "the same"),
    ("missing_ok", "the same"),
    ("value_of_a_unit_function", "the same, and no return type is suggested"),
    ("return_without_a_value", "the label at the return type is left out"),
    ("impl_trait_of_two_types", "the same"),
    ("question_mark_in_a_unit_function", "it is an async block that can't hold the `?`"),
    ("option_for_result", "the same"),
    ("break_outside_of_a_loop", "the same for `break`"),
    ("never_returns", "a type that has no value takes the place of `!`"),
    ("use_after_move", "in a block no clone is suggested"),
    ("use_of_a_local_after_move", "the same"),
    ("immutable_reference", "what a block has taken of `self` has no name, and `&mut self` is not suggested"),
    ("move_out_of_a_reference", "the same"),
    ("closure_outlives", "a block that returns a closure: the suggestion is even better"),
    ("lifetimes_differ", "the whole body is shown as what is returned"),
    ("recursion_without_an_end", "the future has another type"),
    ("doc_comment_without_a_statement", "a macro that hands a body on makes an attribute of the comment: told again"),
    ("drop_order_changes", "the compiler doesn't look into blocks for what edition 2024 changes"),
];

/// The source with `async` functions below the attributes; `None` if they can't be.
fn made_async(source: &str) -> Option<String> {
    let mut is_below = false;
    let lines = source.lines().map(|line| {
        let function = ["unsafe fn ", "fn "].into_iter().find_map(|start| line.find(start));
        let made = match function {
            Some(at) if is_below && !line.contains("async ") => format!("{}async {}", &line[..at], &line[at..]),
            _ => line.to_string(),
        };
        is_below = line.trim() == "#[traceme]" || is_below && function.is_none();
        made + "\n"
    });
    (!source.contains("extern \"C\" fn")).then(|| lines.collect())
}

#[test]
fn mistakes_give_the_same_messages() {
    let rustc = Compiler::rustc();
    let sources = cases::all().filter_map(|&(name, source)| Some((name, made_async(source)?)));
    let cases: Vec<_> = sources.flat_map(|case| EDITIONS.map(|edition| (case.clone(), edition))).collect();
    let compared = in_parallel(&cases, |((name, source), edition)| {
        let name = format!("async_{name}");
        let [bare, annotated] =
            [Above::Nothing, Above::Attribute].map(|above| rustc.says(&name, edition, above, source));
        let difference = difference(&bare, &annotated);
        if difference.is_empty() { Vec::new() } else { vec![format!("{name}, {edition}:\n{difference}\n")] }
    });
    let compared = cases.iter().zip(compared).map(|(((name, _), _), different)| (*name, different));
    assert_only_these_differ(&DIFFER, compared);
}

/// Clippy has nothing to say about an annotated `async fn` that it doesn't say about the bare one. (It says less: what it
/// knows of `async fn`s only, it doesn't find in what those become.)
#[test]
fn clippy_gives_no_further_warnings() {
    let source = include_str!("linted_async.rs");
    let above = [Above::Nothing, Above::Attribute, Above::AttributeWithArguments];
    for kind in [Kind::On, Kind::Off] {
        let clippy = Compiler::clippy_with(kind);
        let said = in_parallel(&above, |&above| warnings(&clippy.says("linted_async", "2024", above, source)));
        assert!(said[0].len() >= 40, "{:#?}", said[0]);
        for annotated in &said[1..] {
            let further: Vec<_> = annotated.difference(&said[0]).collect();
            assert!(further.is_empty(), "{kind:?}: {further:#?}");
            assert!(annotated.len() >= 30, "{annotated:#?}");
        }
    }
}

/// An annotation needs nothing to be allowed: it also compiles where a crate forbids that.
#[test]
fn nothing_is_said_where_all_is_forbidden() {
    let source = include_str!("forbidding.rs");
    let above = [Above::Nothing, Above::Attribute, Above::AttributeWithArguments];
    for kind in [Kind::On, Kind::Off] {
        let clippy = Compiler::clippy_with(kind);
        let said = in_parallel(&above, |&above| clippy.says("forbidding", "2024", above, source));
        assert_eq!(said, [""; 3], "{kind:?}");
    }
}

/// What is warned of, and where; without figures, such as the number of lines.
fn warnings(said: &str) -> BTreeSet<(String, String)> {
    let lines: Vec<_> = said.lines().collect();
    let found = lines.windows(2).filter(|lines| lines[0].starts_with("warning: ") && lines[1].contains("--> "));
    found.map(|lines| (lines[0].replace(|c: char| c.is_ascii_digit(), ""), lines[1].to_string())).collect()
}
