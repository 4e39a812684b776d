//! The rules about the sources that the compiler does not know: which module may import which, no cycles, short
//! files, and where `unsafe` may stand.

mod faults;
mod imports;
mod rules;
mod tokens;

use std::fs;
use std::path::Path;

use rules::{Source, broken_rules};

/// Folders without sources of ours.
const SKIPPED: [&str; 2] = ["target", ".git"];

fn read_sources(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        if path.is_dir() && !SKIPPED.contains(&&*name) {
            read_sources(root, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source file");
            let path = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
            sources.push(Source { path, text });
        }
    }
}

#[test]
fn the_sources_keep_the_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let mut sources = Vec::new();
    read_sources(root, root, &mut sources);
    for crate_root in ["traceme/src/lib.rs", "traceme-macros/src/lib.rs"] {
        assert!(sources.iter().any(|source| source.path == crate_root), "{crate_root} was not found");
    }
    let broken = broken_rules(&sources);
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn each_test_that_a_fault_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let mut sources = Vec::new();
    read_sources(root, root, &mut sources);
    let table = fs::read_to_string(root.join("docs/faults.md")).expect("the table");
    let (count, missing) = faults::missing_tests(&table, &sources);
    assert!(missing.is_empty() && count > 100, "\n{}\nof {count}\n", missing.join("\n"));
}

#[test]
fn a_test_that_is_not_there_is_found() {
    let table = "| fault | promise | test |\n|---|---|---|\n| a | b | `x::one`, `y::two` |\n| c | d | none |\n\
        | e | f | `record::time::four`, `x::three` |\n";
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let sources = [
        source("tests/tests/x.rs", "#[test]\nfn one() {}\nfn three() {}"),
        source("tests/tests/y/main.rs", "#[cfg(unix)]\n#[test]\n#[allow(x)]\nfn two() {}"),
        source("traceme/src/record/time.rs", "mod tests { #[test]\nfn four() {} }"),
    ];
    let (count, missing) = faults::missing_tests(table, &sources);
    assert_eq!(
        (count, missing),
        (4, vec!["line 4: no test is named".into(), "line 5: there is no test x::three".into()])
    );
}

/// A tree of files given as path and text, and what is wrong with it.
#[track_caller]
fn assert_broken(files: &[(&str, &str)], expected: &[&str]) {
    let sources: Vec<_> = files.iter().map(|&(path, text)| Source { path: path.into(), text: text.into() }).collect();
    assert_eq!(broken_rules(&sources), expected);
}

#[test]
fn imports_against_the_table_are_found() {
    assert_broken(
        &[
            ("traceme/src/lib.rs", "mod session; pub use session::Session; pub use crate::level::Level;"),
            ("traceme/src/level.rs", "use crate::error::Error; use crate::category::Category;"),
            ("traceme/src/record/mod.rs", "mod clock;"),
            ("traceme/src/record/clock.rs", "fn now() { crate::session::Session::now(super::super::trace::X) }"),
            ("traceme/src/session/mod.rs", "use crate::{record::clock, trace::{self, Trace}, level};"),
            ("traceme/src/trace/mod.rs", "mod tests { use super::*; use super::super::instrument::{Span, value}; }"),
            ("traceme/src/instrument.rs", "use crate::Session; use crate::Level;"),
            ("traceme/src/manager.rs", "use crate::{level::Level};"),
            (
                "traceme/src/error.rs",
                "// use crate::session;\n/* use crate::session; */ const X: &str = \"crate::session\";",
            ),
            (
                "traceme/src/category.rs",
                "macro_rules! m { () => { $crate::session::Session } } pub(in crate::record) fn f() {}",
            ),
        ],
        &[
            "traceme/src/level.rs:1: `level` may not import `category`",
            "traceme/src/record/clock.rs:1: `record` may not import `session`",
            "traceme/src/record/clock.rs:1: `record` may not import `trace`",
            "traceme/src/trace/mod.rs:1: `trace` may not import `instrument`",
            "traceme/src/trace/mod.rs:1: `trace` may not import `instrument`",
            "traceme/src/instrument.rs:1: `instrument` may not import `session`",
            "traceme/src/manager.rs:1: `manager` is not in the table of modules",
            "traceme/src: cycle instrument -> session -> trace -> instrument",
            "traceme/src: cycle record -> session -> record",
        ],
    );
}

#[test]
fn cycles_of_files_are_found() {
    assert_broken(
        &[
            ("traceme/src/lib.rs", "mod export; fn root_item() {}"),
            ("traceme/src/export/mod.rs", "mod a; mod b; mod c; pub(crate) use a::A; use self::b::B;"),
            ("traceme/src/export/a.rs", "use super::b;"),
            ("traceme/src/export/b.rs", "use crate::export::A;"),
            ("traceme/src/export/c.rs", "use crate::export::{a, b}; use crate::root_item;"),
            ("traceme/src/trace/a.rs", "use super::b;"),
            ("traceme/src/trace/b.rs", "use super::a;"),
            ("traceme-macros/src/lib.rs", "mod x; mod y;"),
            ("traceme-macros/src/x.rs", "use crate::y::Y;"),
            ("traceme-macros/src/y.rs", "fn f() -> crate::x::X { loop {} }"),
        ],
        &[
            "traceme/src/export/c.rs:1: imports `crate::root_item`, which no module defines",
            "traceme/src: cycle export::a -> export::b -> export::a",
            "traceme-macros/src: cycle x -> y -> x",
        ],
    );
}

#[test]
fn macros_belong_to_the_module_that_defines_them() {
    let level = "#[macro_export] macro_rules! outer { () => {} }";
    assert_broken(
        &[
            ("traceme/src/lib.rs", ""),
            ("traceme/src/session.rs", level),
            ("traceme/src/level.rs", "fn f() { crate::outer!() }"),
        ],
        &["traceme/src/level.rs:1: `level` may not import `session`"],
    );
}

#[test]
fn unsafe_code_in_the_wrong_place_is_found() {
    let code = "#![deny(unsafe_code)]\n// unsafe\nfn f() { let s = \"unsafe\"; unsafe { g() } }";
    assert_broken(
        &[
            ("traceme/src/record/clock.rs", code),
            ("traceme/src/record/thread.rs", code),
            ("traceme/src/record/os/linux.rs", code),
            ("traceme/src/record/chunk.rs", code),
            ("traceme/src/sync.rs", "unsafe impl Send for X {}"),
            ("traceme-macros/src/lib.rs", code),
            ("examples/src/main.rs", code),
        ],
        &[
            "traceme/src/record/chunk.rs:3: unsafe code may not stand here",
            "traceme/src/sync.rs:1: unsafe code may not stand here",
            "traceme-macros/src/lib.rs:3: unsafe code may not stand here",
        ],
    );
}

#[test]
fn long_files_are_found() {
    let text = |lines: usize| "\n".repeat(lines);
    assert_broken(
        &[("benches/src/main.rs", &text(400)), ("tests/tests/ui/fail/x.rs", &text(401))],
        &["tests/tests/ui/fail/x.rs: 401 lines, at most 400 are allowed"],
    );
}
