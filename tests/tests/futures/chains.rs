//! Annotated `async fn`s that await each other: thirty deep they compile wherever the bare ones do, and each of them costs
//! the compiler what the one before did.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use crate::build::{Code, Kind, Profile, compile_at, folder};

/// A chain: its name, what stands above each function, and what the second argument is: pattern, type, and a value from a
/// text.
type Chain = (&'static str, &'static str, [&'static str; 2], fn(&str) -> String);

const NAME: [&str; 2] = ["text", "String"];

const BARE: Chain = ("bare", "", NAME, str::to_owned);
const ANNOTATED: Chain = ("annotated", "#[traceme::traceme]", NAME, str::to_owned);
const RESULT: Chain = ("result", "#[traceme::traceme(ret, meta(x))]", NAME, str::to_owned);
/// Two futures in each other, of which the inner one is in the wrapper.
const HEADER_STAYS: Chain = ("header_stays", "#[traceme::traceme]\n#[must_use]", NAME, str::to_owned);
const PATTERNS: Chain =
    ("patterns", "#[traceme::traceme]\n#[must_use]", ["(text, _)", "(String, u8)"], |text| format!("({text}, 1)"));

/// Writes a chain so deep, of which something is made. Each awaits the one before it, two times; the last one is spawned as a `Send` future, in a box.
fn source((name, attribute, [pattern, kind], value): Chain, deep: usize, made: &str) -> PathBuf {
    let mut source = String::from("extern crate traceme as _;\npub async fn f0(x: u64, _: u64) -> u64 { x }\n");
    for depth in 1..=deep {
        let before = depth - 1;
        let argument = |text: &str| if before == 0 { "0".to_owned() } else { value(text) };
        writeln!(
            source,
            "{attribute}\npub async fn f{depth}(x: u64, {pattern}: {kind}) -> u64 {{\n    \
             f{before}(x + 1, {}).await + f{before}(text.len() as u64, {}).await\n}}",
            argument("text.clone()"),
            argument("text"),
        )
        .expect("a string");
    }
    source += &format!(
        "pub fn spawned() -> std::pin::Pin<Box<dyn Future<Output = u64> + Send>> {{\n    \
         Box::pin(f{deep}(1, {}))\n}}\n",
        value("String::new()")
    );
    let file = folder(Kind::On, Profile::Dev, Code::Annotated).join(format!("chain_{name}_{deep}_{made}.rs"));
    fs::write(&file, source).expect("a file in that folder");
    file
}

/// What the compiler makes of a chain: how many bytes each of these kinds has.
fn made<const N: usize>(chain: Chain, deep: usize, kinds: [&str; N]) -> [u64; N] {
    let file = source(chain, deep, kinds[0]);
    let output = |kind| file.with_extension(kind);
    let emit = kinds.map(|kind| format!("{kind}={}", output(kind).display())).join(",");
    let arguments = ["--crate-type=lib".into(), format!("--emit={emit}").into()];
    compile_at(Kind::On, Profile::Dev, Code::Annotated, &file, &arguments);
    kinds.map(|kind| fs::metadata(output(kind)).expect("what the compiler wrote").len())
}

#[test]
fn compile_in_the_default_recursion_limit() {
    for (chain, deep) in [(BARE, 41), (ANNOTATED, 31), (RESULT, 31), (HEADER_STAYS, 20), (PATTERNS, 20)] {
        // That is all: what does not compile panics there.
        made(chain, deep, ["link"]);
    }
}

/// Whether what comes in the second half costs what comes in the first one, up to 5 % for numbers that need another byte.
#[track_caller]
fn assert_linear(what: &str, costs: [u64; 3]) {
    let [first, second] = [costs[1] - costs[0], costs[2] - costs[1]];
    assert!(first > 0 && first.abs_diff(second) * 100 <= 5 * first, "{what}: {costs:?}");
}

#[test]
fn what_the_compiler_makes_of_them_is_linear() {
    const KINDS: [&str; 3] = ["metadata", "mir", "llvm-ir"];
    let [thirty, twenty] = [[10, 20, 30], [10, 15, 20]];
    for (chain, depths) in [(ANNOTATED, thirty), (RESULT, thirty), (HEADER_STAYS, twenty), (PATTERNS, twenty)] {
        let made = depths.map(|deep| made(chain, deep, KINDS));
        for (at, kind) in KINDS.iter().enumerate() {
            assert_linear(&format!("{kind} of {}", chain.0), made.map(|made| made[at]));
        }
    }
}

/// By the instructions that the compiler executes for all that it checks: types, borrows, `Send`.
#[cfg(feature = "valgrind")]
#[test]
fn what_the_compiler_does_for_them_is_linear() {
    use std::process::Command;

    use crate::build::{run, rustc};

    let executed = |chain: Chain, deep| {
        let file = source(chain, deep, "counted");
        let compiler = rustc(Kind::On, Profile::Dev, Code::Annotated, &file);
        let mut valgrind = Command::new("valgrind");
        // rustup's `rustc` becomes the real one.
        valgrind.args([
            "--tool=cachegrind",
            "--cache-sim=no",
            "--cachegrind-out-file=/dev/null",
            "--trace-children=yes",
        ]);
        valgrind.arg(compiler.get_program()).args(compiler.get_args());
        valgrind.args(["--crate-type=lib", "--emit=metadata", "-o"]).arg(file.with_extension("counted"));
        let output = run(&mut valgrind);
        let count = output.lines().rev().find_map(|line| line.split_once("refs:")).expect("what cachegrind counts").1;
        count.trim().replace(',', "").parse().expect("a number")
    };
    for chain in [BARE, ANNOTATED] {
        assert_linear(&format!("instructions for {}", chain.0), [10, 20, 30].map(|deep| executed(chain, deep)));
    }
}
