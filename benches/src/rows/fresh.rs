//! Measurements in processes of their own.

use std::process::Command;

/// What this program prints in a process of its own with this argument: `N` numbers, or nothing if the machine was
/// busy.
pub(super) fn numbers<const N: usize>(argument: &str) -> Option<[f64; N]> {
    let program = std::env::current_exe().expect("the path of this program");
    let output = Command::new(program).arg(argument).output().expect("another process");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{argument} failed: {}", String::from_utf8_lossy(&output.stderr));
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    if numbers.is_empty() {
        return None;
    }
    Some(numbers.try_into().unwrap_or_else(|_| panic!("{argument} printed {text:?}, not {N} numbers")))
}
