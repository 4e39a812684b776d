//! The errors of one use of the attribute: collected, so that all of them are reported at once.

use syn::Error;

/// Errors found so far. [`Errors::finish`] must be called: dropping them would hide mistakes.
#[derive(Debug)]
pub(crate) struct Errors {
    found: Option<Error>,
    finished: bool,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Self { found: None, finished: false }
    }

    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.found {
            Some(found) => found.combine(error),
            None => self.found = Some(error),
        }
    }

    pub(crate) fn finish(mut self) -> Option<Error> {
        self.finished = true;
        self.found.take()
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        debug_assert!(self.finished || std::thread::panicking(), "errors were collected and never looked at");
    }
}

/// What to say of a word that is none of the known ones: what it may have been meant to be, and what there is.
pub(crate) fn unknown(what: &str, word: &str, known: &[&str]) -> String {
    let list = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let closest = known.iter().map(|name| (distance(word, name), name)).min();
    match closest {
        Some((distance, name)) if distance <= word.len().min(name.len()) / 2 => {
            format!("unknown {what} `{word}`, did you mean `{name}`? expected one of {list}")
        }
        _ => format!("unknown {what} `{word}`, expected one of {list}"),
    }
}

/// How many letters must be inserted, removed or replaced to turn one word into the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (above, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (column, b) in to.chars().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[row.len() - 1]
}
