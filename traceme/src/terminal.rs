//! What is said on the terminal, where there is no caller to be told.

use std::io::{Write, stderr};

/// Tells whoever looks at the terminal. All that the library prints besides is the summary that `TRACEME_OUT=-` asks for.
pub(crate) fn tell(what: impl ToString) {
    let text = what.to_string();
    // One line: the rest is a picture. Not `eprintln!`, which panics if nobody listens.
    let _ = writeln!(stderr(), "traceme: {}", text.lines().next().unwrap_or_default());
}
