//! What valgrind's callgrind counts: executed instructions, by function.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::build::run;

/// Instructions executed in functions.
#[derive(Debug, Default)]
pub(crate) struct Costs {
    /// By function, with all that it called, for functions that were called by others.
    pub(crate) inclusive: BTreeMap<String, u64>,
    /// By function, without what it called.
    pub(crate) own: BTreeMap<String, u64>,
}

/// Runs a program under callgrind.
///
/// # Panics
///
/// If valgrind is not installed, or the program fails.
pub(crate) fn count(program: &Path, argument: u64) -> Costs {
    let output = program.with_extension("callgrind");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--compress-strings=no", "--compress-pos=no", "--demangle=no"]);
    valgrind.arg(format!("--callgrind-out-file={}", output.display())).arg(program).arg(argument.to_string());
    if let Err(error) = Command::new("valgrind").arg("--version").output() {
        panic!("these tests count instructions with valgrind, which could not be started ({error}): install it");
    }
    run(&mut valgrind);
    parse(&fs::read_to_string(&output).expect("what callgrind wrote"))
}

/// Reads lines such as `fn=name`, `7 12` (12 instructions at line 7), and `cfn=callee`, `calls=1 3`, `7 400` (400
/// instructions in calls of it).
fn parse(text: &str) -> Costs {
    let mut costs = Costs::default();
    let (mut function, mut callee, mut is_call) = (String::new(), String::new(), false);
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("fn=") {
            function = name.to_string();
        } else if let Some(name) = line.strip_prefix("cfn=") {
            callee = name.to_string();
        } else if line.starts_with("calls=") {
            is_call = true;
        } else if let Some(cost) = cost(line) {
            let (map, name) = if is_call { (&mut costs.inclusive, &callee) } else { (&mut costs.own, &function) };
            *map.entry(name.clone()).or_default() += cost;
            is_call = false;
        }
    }
    costs
}

fn cost(line: &str) -> Option<u64> {
    let (position, cost) = line.split_once(' ')?;
    position.parse::<u64>().ok()?;
    cost.parse().ok()
}

#[test]
fn costs_are_read() {
    let costs = parse("events: Ir\nfn=a\n0 5\ncfn=b\ncalls=2 0\n0 40\n0 6\nfn=b\n0 40\nsummary: 51\n");
    assert_eq!((costs.own["a"], costs.own["b"], costs.inclusive["b"]), (11, 40, 40));
}
