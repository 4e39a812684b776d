//! The table of faults: each test that it names is there.

use crate::rules::Source;
use crate::tokens::{Token, tokens};

/// How many tests the table names, and a sentence about each one that is not there.
pub(crate) fn missing_tests(table: &str, sources: &[Source]) -> (usize, Vec<String>) {
    let (mut count, mut missing) = (0, Vec::new());
    for (at, row) in table.lines().enumerate().filter(|(_, row)| is_row(row)) {
        let line = at + 1;
        let tests: Vec<&str> = row.split('`').skip(1).step_by(2).filter(|text| text.contains("::")).collect();
        if tests.is_empty() {
            missing.push(format!("line {line}: no test is named"));
        }
        count += tests.len();
        let absent = tests.iter().filter(|test| !is_there(test, sources));
        missing.extend(absent.map(|test| format!("line {line}: there is no test {test}")));
    }
    (count, missing)
}

fn is_row(line: &str) -> bool {
    line.starts_with("| ") && !line.starts_with("| fault |")
}

/// Whether a file has a test of this name: one of the end-to-end tests, or of the library.
fn is_there(test: &str, sources: &[Source]) -> bool {
    let Some((file, function)) = test.rsplit_once("::") else { return false };
    let file = file.replace("::", "/");
    let places =
        [format!("tests/tests/{file}.rs"), format!("tests/tests/{file}/main.rs"), format!("traceme/src/{file}.rs")];
    let mut files = sources.iter().filter(|source| places.contains(&source.path));
    files.any(|source| has_test(&source.text, function))
}

/// Whether a `#[test]` stands before the function, with nothing but attributes between.
fn has_test(text: &str, function: &str) -> bool {
    let tokens = tokens(text);
    let is_test = |before: &[Token]| {
        let words = before.iter().rev().map(|token| token.text.as_str());
        words.take_while(|word| !matches!(*word, "fn" | "}" | ";")).any(|word| word == "test")
    };
    (1..tokens.len()).any(|at| tokens[at].text == function && tokens[at - 1].text == "fn" && is_test(&tokens[..at - 1]))
}
