//! Has every peer measured, in processes of their own, one after the other.

use std::process::Command;

use super::ALL;
use super::child::Task;
use super::figures::Figures;

/// The argument by which this program asks itself for a task of a peer: their numbers follow.
pub const TASK: &str = "--task";

/// How often a task is done at most, until the machine was quiet enough.
const TRIES: usize = 3;

/// What a process with these arguments behind [`TASK`] is to print; `None` if they are not numbers of a task.
pub fn in_fresh_process(arguments: &[String]) -> Option<String> {
    let [peer, task] = arguments else { return None };
    let about = ALL.get(peer.parse::<usize>().ok()?)?;
    let task = *Task::all(about).get(task.parse::<usize>().ok()?)?;
    Some(task.measure(about))
}

/// Measures the peers with one of these words in their names, or all if there are none. `seen` is shown each that is
/// through.
///
/// # Panics
///
/// If a peer has not recorded what it was told.
pub fn measure(words: &[String], mut seen: impl FnMut(&Figures)) -> Vec<Figures> {
    let chosen = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let mut all = Vec::new();
    for (peer, about) in ALL.iter().enumerate().filter(|(_, about)| chosen(about.name)) {
        let mut figures = Figures { name: about.name, is_timed: about.is_timed, ..Figures::default() };
        for task in 0..Task::all(about).len() {
            for _ in 0..TRIES {
                let text = ask(peer, task);
                figures.read(&text);
                if text.lines().all(|line| line.ends_with(" 1")) {
                    break;
                }
            }
        }
        seen(&figures);
        all.push(figures);
    }
    all
}

/// Does a task in a new process.
fn ask(peer: usize, task: usize) -> String {
    let program = std::env::current_exe().expect("the path of this program");
    let mut command = Command::new(program);
    command.args([TASK, &peer.to_string(), &task.to_string()]);
    // hotpath would answer questions on a port.
    command.env("HOTPATH_METRICS_SERVER_OFF", "1");
    let output = command.output().expect("another process");
    let what = || format!("{}, {:?}", ALL[peer].name, Task::all(&ALL[peer])[task]);
    assert!(output.status.success(), "{}: {}", what(), String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("figures")
}
