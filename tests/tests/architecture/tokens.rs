//! Just enough of Rust's lexer to tell code from comments and strings.

/// A word or a sign of the source, and its line.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) line: usize,
    pub(crate) text: String,
}

impl Token {
    pub(crate) fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphanumeric() || c == '_')
    }
}

/// The words and signs of a source: neither comments nor literals in quotes, and `::` as one sign.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = source;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let (length, is_token) = next(rest, first);
        let (text, after) = rest.split_at(length);
        if is_token {
            found.push(Token { line, text: text.into() });
        }
        line += text.matches('\n').count();
        rest = after;
    }
    found
}

/// How long the next piece of source is, and whether it is a token that matters.
fn next(rest: &str, first: char) -> (usize, bool) {
    let raw = rest.trim_start_matches(['b', 'c']).strip_prefix('r').map(|after| after.trim_start_matches('#'));
    if rest.starts_with("//") {
        (rest.find('\n').unwrap_or(rest.len()), false)
    } else if rest.starts_with("/*") {
        (block_comment(rest), false)
    } else if raw.is_some_and(|after| after.starts_with('"')) {
        (raw_string(rest), false)
    } else if rest.starts_with(['"', '\'']) {
        (quoted(rest, first), false)
    } else if first.is_alphanumeric() || first == '_' {
        (rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()), true)
    } else if rest.starts_with("::") {
        (2, true)
    } else {
        (first.len_utf8(), !first.is_whitespace())
    }
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    loop {
        match rest.get(at..at + 2) {
            Some("/*") => (depth, at) = (depth + 1, at + 2),
            Some("*/") => (depth, at) = (depth - 1, at + 2),
            _ if at >= rest.len() => return rest.len(),
            _ => at += rest[at..].chars().next().map_or(1, char::len_utf8),
        }
        if depth == 0 {
            return at;
        }
    }
}

fn raw_string(rest: &str) -> usize {
    let open = rest.find('"').map_or(rest.len(), |quote| quote + 1);
    let hashes = rest[..open].matches('#').count();
    let close = format!("\"{}", "#".repeat(hashes));
    rest[open..].find(&close).map_or(rest.len(), |end| open + end + close.len())
}

/// A string, a character, or only the `'` of a lifetime.
fn quoted(rest: &str, quote: char) -> usize {
    let mut characters = rest.char_indices().skip(1).peekable();
    if quote == '\'' && rest.chars().nth(1) != Some('\\') && rest.chars().nth(2) != Some('\'') {
        return 1;
    }
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            characters.next();
        } else if character == quote {
            return at + 1;
        }
    }
    rest.len()
}
