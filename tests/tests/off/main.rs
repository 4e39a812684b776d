//! Annotations that are compiled out leave no instruction behind: one source, compiled bare and annotated, gives
//! the same machine code, function by function, optimised or not.

mod asm;
mod build;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use asm::{Functions, diff, functions};
use build::{Code, Kind, Profile, compile, folder, run, sources};

/// The tests here build the same things.
static BUILD: Mutex<()> = Mutex::new(());

fn assembly(kind: Kind, profile: Profile, code: Code) -> Functions {
    let _one_at_a_time = BUILD.lock().unwrap_or_else(PoisonError::into_inner);
    let output = folder(kind, profile, code).join("shapes.s");
    let arguments = ["--crate-type=lib".into(), format!("--emit=asm={}", output.display()).into()];
    compile(kind, profile, code, "off/shapes.rs", &arguments);
    functions(&fs::read_to_string(output).expect("the assembly"))
}

/// What differs between two builds, as text; empty if nothing does.
fn differences(bare: &Functions, annotated: &Functions) -> String {
    let names: BTreeSet<&String> = bare.keys().chain(annotated.keys()).collect();
    let mut text = String::new();
    for name in names {
        let (before, after) = (bare.get(name), annotated.get(name));
        if before != after {
            let lines = |function: Option<&Vec<Vec<String>>>| function.map(|all| all.concat()).unwrap_or_default();
            text += &format!("{name}:\n{}\n", diff(&lines(before), &lines(after)));
        }
    }
    text
}

/// Apart from functions with one of `except` in their names.
#[track_caller]
fn assert_identical(kind: Kind, profile: Profile, except: &[&str]) {
    let mut bare = assembly(kind, profile, Code::Bare);
    let mut annotated = assembly(kind, profile, Code::Annotated);
    for shape in SHAPES {
        assert!(bare.keys().any(|name| name.contains(shape)), "{shape} was not compiled");
    }
    let is_excepted = |name: &str| except.iter().any(|part| name.contains(part));
    bare.retain(|name, _| !is_excepted(name));
    annotated.retain(|name, _| !is_excepted(name));
    let differences = differences(&bare, &annotated);
    assert!(
        differences.is_empty(),
        "bare (-) and annotated (+) are not the same, {kind:?} {profile:?}:\n{differences}"
    );
}

/// Parts of the names of the functions that must be among those compared.
const SHAPES: [&str; 23] = [
    "generic_of",
    "4leaf",
    "3add",
    "early_return_of",
    "5never",
    "impl_trait_of",
    "recursion_of",
    "closure_of",
    "scope_in_loop",
    "steps_in_loop",
    "extern_c",
    "const_generic_of",
    "all_macros",
    "asynchronous",
    "7returns",
    "fails_of",
    "generic_error_of",
    "in_a_block",
    "4next",
    "async_fn",
    "async_fns",
    "only_in_metadata",
    "metadata_behind_awaits",
];

/// With one exception: `traced!` moves the future once, so that what that borrows lives as long as it does without.
#[test]
#[cfg_attr(not(all(target_arch = "x86_64", target_os = "linux")), ignore = "reads x86-64 assembly for ELF")]
fn compiled_out_dev() {
    assert_identical(Kind::Off, Profile::Dev, &["7futures"]);
}

#[test]
#[cfg_attr(not(all(target_arch = "x86_64", target_os = "linux")), ignore = "reads x86-64 assembly for ELF")]
fn compiled_out_release() {
    assert_identical(Kind::Off, Profile::Release, &[]);
}

#[test]
fn a_program_that_asks_for_a_trace_hears_that_there_is_none() {
    let _one_at_a_time = BUILD.lock().unwrap_or_else(PoisonError::into_inner);
    let program = folder(Kind::Off, Profile::Dev, Code::Annotated).join("program");
    compile(Kind::Off, Profile::Dev, Code::Annotated, "off/program.rs", &["-o".into(), program.clone().into()]);
    let run_with = |directives| {
        let printed = run(Command::new(&program).env("TRACEME", directives));
        printed.strip_prefix("flow 1, active false\n").expect("inert flows").trim_end().to_string()
    };
    assert_eq!(run_with(""), "false Ok(None)");
    assert_eq!(run_with("off"), "false Ok(None)");
    let printed = run_with("info");
    assert!(printed.starts_with("disabled true, filter false: TRACEME: recording is compiled out"), "{printed}");
    assert!(run_with("loud").starts_with("disabled false, filter true: TRACEME: wrong"));
}

/// In the order of the bare functions, cancelled or not; where recording is compiled in, too.
#[test]
fn what_futures_drop_when() {
    let _one_at_a_time = BUILD.lock().unwrap_or_else(PoisonError::into_inner);
    let drops = |kind, code| {
        let program = folder(kind, Profile::Dev, code).join("drops");
        compile(kind, Profile::Dev, code, "off/drops.rs", &["-o".into(), program.clone().into()]);
        run(&mut Command::new(&program))
    };
    let bare = drops(Kind::Off, Code::Bare);
    assert_eq!(drops(Kind::Off, Code::Annotated), bare);
    assert_eq!(drops(Kind::On, Code::Annotated), bare);
    assert!(bare.contains("tuples 1: y c b C B a A x\n"), "{bare}");
}

/// Only optimised: it is the optimiser that finds that the guard has nothing to do when it is dropped. With three
/// exceptions. Which variables live across an `.await`, and are part of the future, is decided before constants are
/// known: a future can be larger, and that of an annotated function keeps its wrapper. The recursive function gets the same
/// instructions, less two, in another order. And where `err` has put the body into a closure, which owns the argument
/// that the body moves, the argument is copied from the caller's stack earlier.
#[test]
#[cfg_attr(not(all(target_arch = "x86_64", target_os = "linux")), ignore = "reads x86-64 assembly for ELF")]
fn above_the_maximum_level() {
    let except = [
        "asynchronous",
        "awaited",
        "6future",
        "futures",
        "future..Traced",
        "async_fn",
        "annotated_future",
        "recursion_of",
        "fails_of",
        "behind_awaits",
    ];
    assert_identical(Kind::AboveMaxLevel, Profile::Release, &except);
}

/// The comparison itself: an annotation that can record is found, in every shape.
#[test]
#[cfg_attr(not(all(target_arch = "x86_64", target_os = "linux")), ignore = "reads x86-64 assembly for ELF")]
fn a_difference_is_found() {
    let bare = assembly(Kind::On, Profile::Release, Code::Bare);
    let annotated = assembly(Kind::On, Profile::Release, Code::Annotated);
    for shape in SHAPES {
        let pick = |all: &Functions| {
            all.iter().filter(|(name, _)| name.contains(shape)).map(|(_, f)| f.clone()).collect::<Vec<_>>()
        };
        assert_ne!(pick(&bare), pick(&annotated), "{shape}");
    }
}

/// Every form of annotation with variables that nothing else uses. (`ci/off.sh` asks clippy, too.)
#[test]
fn variables_that_only_annotations_use_give_no_warning() {
    let _one_at_a_time = BUILD.lock().unwrap_or_else(PoisonError::into_inner);
    for kind in [Kind::Off, Kind::On] {
        let output = folder(kind, Profile::Release, Code::Annotated).join("metadata");
        let arguments = ["--crate-type=lib", "-Dwarnings", "--emit=metadata", "-o"].map(OsString::from);
        let arguments: Vec<_> = arguments.into_iter().chain([output.into()]).collect();
        compile(kind, Profile::Release, Code::Annotated, "../editions/no_std/src/metadata.rs", &arguments);
    }
}

/// The line and the kind of each mistake that the compiler finds.
fn mistakes(kind: Kind) -> BTreeSet<(usize, String)> {
    let _one_at_a_time = BUILD.lock().unwrap_or_else(PoisonError::into_inner);
    let output = folder(kind, Profile::Release, Code::Annotated).join("mistakes");
    let mut rustc = build::rustc(kind, Profile::Release, Code::Annotated, &sources().join("off/mistakes.rs"));
    rustc.args(["--crate-type=lib", "--emit=metadata", "--error-format=short", "-o"]).arg(output);
    let said = String::from_utf8(rustc.output().expect("a compiler").stderr).expect("text");
    let errors = said.lines().filter_map(|line| {
        let (place, error) = line.split_once(": error")?;
        let line = place.rsplit(':').nth(1)?.parse().ok()?;
        let code = error.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let is_sent = error.contains("cannot be sent between threads");
        Some((line, code.map_or(if is_sent { "Send" } else { error }, |(code, _)| code).to_string()))
    });
    errors.collect()
}

/// What is wrong inside of an annotation is wrong where it is compiled out: moves, borrows, types, what is sent.
#[test]
fn mistakes_are_found() {
    let source = fs::read_to_string(sources().join("off/mistakes.rs")).expect("the source");
    let marks = source.lines().enumerate().filter_map(|(at, line)| Some((at + 1, line.split_once(" // ")?.1)));
    let expected = |kind| {
        let found = marks.clone().filter_map(|(line, mark)| match mark.strip_prefix("ON ") {
            Some(code) => (kind == Kind::On).then(|| (line, code.to_string())),
            None => Some((line, mark.to_string())),
        });
        found.collect::<BTreeSet<_>>()
    };
    for kind in [Kind::On, Kind::Off] {
        assert_eq!(mistakes(kind), expected(kind), "{kind:?}");
    }
}
