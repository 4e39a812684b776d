//! How much code an annotation becomes, in lines as rustfmt breaks them: first as the attribute gives it, with a macro
//! in it, then when that is expanded as well, which is what the compiler has to work through.
#![allow(clippy::print_stdout, reason = "a test that measures says what it measured")]

#[path = "off/build.rs"]
#[allow(dead_code, reason = "shared with the tests of code that is compiled out")]
mod build;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use build::{Kind, Profile, library, run};

/// What the attribute may add to a function. (It is one procedural macro: what it writes has no other inside.)
const ADDED_BY_THE_ATTRIBUTE: usize = 15;
/// The same to a function that gives a future, whose arguments become variables again.
const ADDED_TO_FUTURES: usize = 21;
/// What all of it adds today, in lines and bytes: to a function in the middle, and to the largest of those below. The
/// aim is 15 lines.
const ADDED_IN_THE_MIDDLE: [usize; 2] = [24, 1007];
const ADDED_AT_WORST: [usize; 2] = [38, 1755];

/// What the attribute's arguments are, and what it stands above.
const FUNCTIONS: [(&str, &str); 5] = [
    ("", "pub fn plain(x: u32) -> u32 { x + 1 }"),
    ("level = 2", "impl crate::Table { pub fn method(&self) -> usize { self.rows.len() } }"),
    (
        "level = 2, meta(x, n = data.len())",
        "pub fn two_values(x: u32, data: &[u32]) -> usize { data.len() + x as usize }",
    ),
    (
        "meta(kind = \"file\", text = ?text)",
        "pub fn generic<T: std::fmt::Debug>(text: T) -> String { format!(\"{text:?}\") }",
    ),
    (
        "level = 3, name = format!(\"load {x}\"), category = traceme::Category::DEFAULT, meta(x, y, sum = x + y, shown = %x)",
        "pub fn everything(x: u32, y: u32) -> u32 { x * y }",
    ),
];

/// The same of functions that give a future, and what all of it adds to them.
const FUTURES: [(&str, &str, [usize; 2]); 3] = [
    ("", "pub async fn waits(x: u32) -> u32 { x + 1 }", [34, 1433]),
    (
        "level = 2, meta(x, n = data.len()), err",
        "pub async fn fails(x: u32, data: &[u32]) -> Result<u32, u8> { Ok(x + data[0]) }",
        [102, 5011],
    ),
    ("", "pub fn returns(x: u32) -> impl Future<Output = u32> { async move { x + 1 } }", [25, 1141]),
];

/// Takes the place of traceme where only the attribute is to be expanded.
const STUB: &str = "
pub mod stub {
    macro_rules! __record_span { ($($all:tt)*) => { crate::stub::begin(::core::stringify!($($all)*)) } }
    pub(crate) use __record_span;
    macro_rules! __record_task { ($($all:tt)*) => { crate::stub::begin(::core::stringify!($($all)*)) } }
    pub(crate) use __record_task;
    macro_rules! __as_task { ($task:ident $how:tt $result:tt $($future:tt)*) => { $($future)* } }
    pub(crate) use __as_task;
    pub mod __private {
        pub fn never<T>() -> T { loop {} }
    }
    pub struct Guard;
    pub fn begin(_: &str) -> Guard { Guard }
}
";

/// Lines and bytes of a source, expanded and formatted.
fn size(name: &str, source: &str) -> [usize; 2] {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("expansion");
    fs::create_dir_all(&folder).expect("a folder below the target folder");
    let (from, to) = (folder.join(format!("{name}.rs")), folder.join(format!("{name}.expanded.rs")));
    fs::write(&from, format!("pub struct Table {{ rows: Vec<u32> }}\n{STUB}{source}\n"))
        .expect("a file in that folder");
    let built = library(Kind::On, Profile::Dev);
    let option = |start: &str, path: &Path| OsString::from_iter([start.as_ref(), path.as_os_str()]);
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    // Printing what was expanded is not stable, and the compiler of this test is.
    // The path of the file is part of what is printed.
    rustc.env("RUSTC_BOOTSTRAP", "1").current_dir(&folder).arg(format!("{name}.rs"));
    rustc.args(["-Zunpretty=expanded", "--edition=2024", "--crate-type=lib", "-Awarnings"]);
    rustc.arg("--extern").arg(option("traceme=", &built.join("libtraceme.rlib")));
    rustc.arg("-L").arg(option("dependency=", &built.join("deps")));
    fs::write(&to, run(&mut rustc)).expect("a file in that folder");
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rustfmt.toml");
    run(Command::new("rustfmt").args(["--edition=2024", "--config-path"]).arg(settings).arg(&to));
    let expanded = fs::read_to_string(&to).expect("what rustfmt wrote");
    let lines: Vec<&str> = expanded.lines().filter(|line| !line.trim().is_empty()).collect();
    [lines.len(), lines.concat().len()]
}

/// What the attribute, or all of it, adds to a function.
fn added(index: usize, arguments: &str, function: &str) -> [usize; 2] {
    let annotated = |line: &str| match function.split_once(" { pub") {
        Some((head, method)) if head.starts_with("impl") => format!("{head} {{\n{line}\npub{method}"),
        _ => format!("{line}\n{function}"),
    };
    let bare = size(&format!("bare_{index}"), &annotated(""));
    let with = size(&format!("annotated_{index}"), &annotated(&format!("#[traceme::traceme({arguments})]")));
    [with[0] - bare[0], with[1] - bare[1]]
}

#[test]
fn the_attribute_adds_few_lines() {
    let futures = FUTURES.into_iter().map(|(arguments, function, _)| (arguments, function));
    for (index, (arguments, function)) in FUNCTIONS.into_iter().chain(futures).enumerate() {
        let comma = if arguments.is_empty() { "" } else { ", " };
        let [lines, bytes] = added(index + 100, &format!("{arguments}{comma}crate = crate::stub"), function);
        println!("#[traceme({arguments})]: {lines} lines, {bytes} bytes");
        assert!(lines >= 1, "#[traceme({arguments})] adds nothing");
        let most = if index < FUNCTIONS.len() { ADDED_BY_THE_ATTRIBUTE } else { ADDED_TO_FUTURES };
        assert!(lines <= most, "#[traceme({arguments})] adds {lines} lines to a function, at most {most} are allowed");
    }
}

#[test]
fn all_that_it_expands_to_does_not_grow() {
    let mut sizes: Vec<_> = FUNCTIONS
        .into_iter()
        .enumerate()
        .map(|(index, (arguments, function))| {
            let added = added(index, arguments, function);
            println!("#[traceme({arguments})]: {} lines, {} bytes", added[0], added[1]);
            added
        })
        .collect();
    sizes.sort_unstable();
    let (middle, worst) = (sizes[sizes.len() / 2], sizes[sizes.len() - 1]);
    let fits = |size: [usize; 2], most: [usize; 2]| size[0] <= most[0] && size[1] <= most[1];
    assert!(
        fits(middle, ADDED_IN_THE_MIDDLE),
        "in the middle {middle:?} lines and bytes, more than {ADDED_IN_THE_MIDDLE:?}"
    );
    assert!(fits(worst, ADDED_AT_WORST), "at worst {worst:?} lines and bytes, more than {ADDED_AT_WORST:?}");
}

#[test]
fn all_that_it_expands_to_does_not_grow_for_futures() {
    for (index, (arguments, function, most)) in FUTURES.into_iter().enumerate() {
        let [lines, bytes] = added(index + 200, arguments, function);
        println!("#[traceme({arguments})]: {lines} lines, {bytes} bytes");
        assert!(lines <= most[0] && bytes <= most[1], "{function}: {lines} lines, {bytes} bytes, more than {most:?}");
    }
}
