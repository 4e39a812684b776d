//! Annotations that are compiled in and do not record cost a few instructions: how many each adds to functions of
//! every shape, when they are executed (valgrind counts) and in the code.
#![allow(clippy::print_stdout, reason = "a test that measures says what it measured")]

#[path = "../off/asm.rs"]
#[allow(dead_code, reason = "shared with the tests of code that is compiled out")]
mod asm;
#[path = "../off/build.rs"]
#[allow(dead_code, reason = "shared with the tests of code that is compiled out")]
mod build;
mod callgrind;

use std::ffi::OsString;
use std::fs;
use std::sync::{Mutex, PoisonError};

use build::{Code, Kind, Profile, compile, folder};
use callgrind::{Costs, count};

/// The shapes that return, and how many annotations a call of each meets.
const SHAPES: [(&str, u64); 12] = [
    ("generic", 2),
    ("leaf", 1),
    ("method", 1),
    ("early_return", 1),
    ("impl_trait", 1),
    ("recursion", 9),
    ("closure", 1),
    ("scope_in_loop", 4),
    ("extern_c", 1),
    ("const_generic", 2),
    ("all_macros", 8),
    ("asynchronous", 2),
];

/// How many calls are counted: the difference leaves out what happens once.
const CALLS: [u64; 2] = [1000, 3000];

/// What an annotation adds today: to the shape in the middle, to the worst one. The bars are 9 and 16; DESIGN.md says
/// what the difference is made of.
const MEDIAN: f64 = 10.0;
const WORST: f64 = 17.0;
/// What it may add to the code of any.
const ENTRY: usize = 3;
const EXIT: usize = 2;

/// The tests here build the same things.
static BUILD: Mutex<()> = Mutex::new(());

/// Builds the shapes and their driver, and runs it with each number of calls.
fn executed(code: Code) -> [Costs; 2] {
    let _one_at_a_time = BUILD.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = folder(Kind::On, Profile::Release, code);
    let (library, driver) = (folder.join("libshapes.rlib"), folder.join("driver"));
    let output = |path: &std::path::Path| [OsString::from("-o"), path.into()];
    let shapes: Vec<_> = [OsString::from("--crate-type=rlib")].into_iter().chain(output(&library)).collect();
    compile(Kind::On, Profile::Release, code, "off/shapes.rs", &shapes);
    let mut with_shapes = OsString::from("--extern=shapes=");
    with_shapes.push(&library);
    let program: Vec<_> = [with_shapes].into_iter().chain(output(&driver)).collect();
    compile(Kind::On, Profile::Release, code, "instructions/driver.rs", &program);
    CALLS.map(|calls| count(&driver, calls))
}

fn per_call([few, many]: &[Costs; 2], shape: &str) -> f64 {
    let name = format!("measure_{shape}");
    let (few, many) = (few.inclusive[&name], many.inclusive[&name]);
    as_float(many - few) / as_float(CALLS[1] - CALLS[0])
}

fn as_float(count: u64) -> f64 {
    f64::from(u32::try_from(count).expect("a small program"))
}

#[test]
#[cfg_attr(not(all(target_arch = "x86_64", target_os = "linux")), ignore = "reads x86-64 assembly for ELF")]
fn executed_instructions() {
    let (bare, annotated) = (executed(Code::Bare), executed(Code::Annotated));
    let mut added = Vec::new();
    for (shape, annotations) in SHAPES {
        let (before, after) = (per_call(&bare, shape), per_call(&annotated, shape));
        let each = (after - before) / as_float(annotations);
        println!("{shape:16} {before:8.2} {after:8.2} {annotations:3} annotations, {each:6.2} each");
        added.push((each, shape));
    }
    // A function that never returns is called once: what it executes itself, without what it calls.
    let own = |costs: &[Costs; 2]| {
        let [(_, own)] = costs[0].own.iter().filter(|(name, _)| name.contains("6shapes5never")).collect::<Vec<_>>()[..]
        else {
            panic!("one function never returns");
        };
        as_float(*own)
    };
    println!("{:16} {:8.2} {:8.2}   1 annotations", "never", own(&bare), own(&annotated));
    added.push((own(&annotated) - own(&bare), "never"));

    added.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (median, worst) = (added[added.len() / 2].0, added[added.len() - 1]);
    println!("median {median}, worst {} ({})", worst.0, worst.1);
    assert!(added[0].0 > 0.0, "nothing is annotated: {added:?}");
    assert!(median <= MEDIAN && worst.0 <= WORST, "median <= {MEDIAN} and worst <= {WORST}: {added:?}");
}

/// The shortest shape: what is in front of it and behind it is easy to tell from itself.
#[test]
#[cfg_attr(not(all(target_arch = "x86_64", target_os = "linux")), ignore = "reads x86-64 assembly for ELF")]
fn instructions_in_the_code() {
    let _one_at_a_time = BUILD.lock().unwrap_or_else(PoisonError::into_inner);
    let output = folder(Kind::On, Profile::Release, Code::Annotated).join("shapes.s");
    let arguments = ["--crate-type=lib".into(), format!("--emit=asm={}", output.display()).into()];
    compile(Kind::On, Profile::Release, Code::Annotated, "off/shapes.rs", &arguments);
    let functions = asm::functions(&fs::read_to_string(output).expect("the assembly"));
    let leaf = &functions["_ZN6shapes4leafE"][0];
    let (entry, exit) = (entry(leaf), exit(leaf));
    println!("entry:\n  {}\nexit:\n  {}", entry.join("\n  "), exit.join("\n  "));
    assert!((2..=ENTRY).contains(&entry.len()), "at most {ENTRY} instructions:\n{}", leaf.join("\n"));
    assert!((2..=EXIT).contains(&exit.len()), "at most {EXIT} instructions:\n{}", leaf.join("\n"));
}

fn is_conditional_jump(line: &str) -> bool {
    line.starts_with('j') && !line.starts_with("jmp")
}

/// From the look at the callsite to the jump that depends on it.
fn entry(function: &[String]) -> &[String] {
    let from = function.iter().position(|line| line.contains("__TRACEME_SITE") && !line.starts_with("lea"));
    let from = from.expect("the callsite is looked at");
    let jump = function[from..].iter().position(|line| is_conditional_jump(line)).expect("a jump depends on it");
    &function[from..=from + jump]
}

/// From the test of the guard to the jump to where the span is ended.
fn exit(function: &[String]) -> &[String] {
    let call = function.iter().position(|line| line.starts_with("call") && line.contains("4span3end"));
    let call = call.expect("the span is ended");
    let label = function[..call].iter().rfind(|line| line.ends_with(':')).expect("out of line");
    let label = label.trim_end_matches(':');
    let is_jump = |line: &String| is_conditional_jump(line) && line.ends_with(&format!(" {label}"));
    let jump = function.iter().position(is_jump).expect("a jump leads there");
    let is_test = |line: &String| line.starts_with("test") || line.starts_with("cmp");
    let from = function[..jump].iter().rposition(is_test).expect("it depends on a test");
    &function[from..=jump]
}
