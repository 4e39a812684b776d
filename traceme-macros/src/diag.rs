//! The errors of one use of the attribute: collected, so that all of them are reported at once.

use syn::Error;

/// Errors found so far. [`Errors::finish`] must be called: dropping them would hide mistakes.
#[derive(Debug)]
pub(crate) struct Errors {
    found: Vec<(Place, Error)>,
    place: Place,
    finished: bool,
}

/// Where an error is reported among others: what was written first, first, whenever it was found to be wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(usize);

impl Errors {
    pub(crate) fn new() -> Self {
        Self { found: Vec::new(), place: Place::default(), finished: false }
    }

    /// What is found from here on was written after all that came before.
    pub(crate) fn next_place(&mut self) {
        self.place.0 += 1;
    }

    pub(crate) fn place(&self) -> Place {
        self.place
    }

    pub(crate) fn push(&mut self, error: Error) {
        self.push_at(self.place, error);
    }

    pub(crate) fn push_at(&mut self, place: Place, error: Error) {
        self.found.push((place, error));
    }

    pub(crate) fn has_any(&self) -> bool {
        !self.found.is_empty()
    }

    pub(crate) fn finish(mut self) -> Option<Error> {
        self.finished = true;
        self.found.sort_by_key(|(place, _)| *place);
        self.found.drain(..).map(|(_, error)| error).reduce(|mut all, error| {
            all.combine(error);
            all
        })
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

/// What to do about an argument that the attributes of other libraries have.
pub(crate) fn from_elsewhere(word: &str) -> Option<&'static str> {
    Some(match word {
        "target" => "use `category = IO`, where `categories!` defines `IO`",
        "fields" | "properties" => "use `meta(size = data.len(), path = %path)`",
        "skip_all" | "skip" => "leave it out, arguments are not captured unless they are named in `meta`",
        "parent" => "leave it out, the parent of a span is the span around it",
        "follows_from" => "use a `Flow`, with `flow_in` and `flow_out` of `span!`",
        "enter_on_poll" => "leave it out, each poll is recorded: `skip_polls` turns that off",
        "short_name" => "leave it out, a span has the name of its function, without the path",
        _ => return None,
    })
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
