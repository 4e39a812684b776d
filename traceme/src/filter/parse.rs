//! Filters as text: reading and printing.

use std::fmt;
use std::str::FromStr;

use super::{Allowed, Directive, Filter, Limit, Pattern, Subject};
use crate::error::Error;
use crate::level::Level;
use crate::rate::Rate;

const CATEGORY: &str = "cat:";
const NAME: &str = "name:";
/// Stands between a level and a rate.
const RATE: char = '@';

/// A piece of a filter's text.
#[derive(Clone, Copy)]
struct Piece<'t> {
    filter: &'t str,
    /// Where it begins and ends in the filter.
    from: usize,
    to: usize,
}

impl<'t> Piece<'t> {
    fn text(self) -> &'t str {
        &self.filter[self.from..self.to]
    }

    /// Without white space at either end.
    fn trimmed(self) -> Self {
        let text = self.text();
        let from = self.from + text.len() - text.trim_start().len();
        Self { from, to: from + text.trim().len(), ..self }
    }

    /// What is before and behind the byte at this place of the filter.
    fn split_at(self, at: usize) -> (Self, Self) {
        (Self { to: at, ..self }.trimmed(), Self { from: at + 1, ..self }.trimmed())
    }

    /// What is behind a prefix.
    fn behind(self, prefix: &str) -> Option<Self> {
        self.text().strip_prefix(prefix).map(|rest| Self { from: self.to - rest.len(), ..self }.trimmed())
    }

    /// What is wrong with this directive at a place of the filter, and a picture of it.
    fn wrong(self, at: usize, expected: &str) -> Error {
        let shown = |text: &str| text.replace(char::is_control, " ");
        let (filter, column) = (shown(self.filter), self.filter[..at].chars().count());
        let directive = match shown(self.text()) {
            empty if empty.is_empty() => "empty filter directive".into(),
            text => format!("wrong filter directive `{text}`"),
        };
        let message = format!("{directive}: expected {expected}\n  {filter}\n  {:column$}^", "");
        Error::filter(message, at)
    }
}

const EXPECTED_LEVEL: &str = "a level: critical, info, verbose, all, off, or a number from 1 to 255";
const EXPECTED_RATE: &str = "a rate above 0 and up to 1, as in `net=3@0.01`";
const EXPECTED_DIRECTIVE: &str =
    "a level (critical, info, verbose, all, off, or a number from 1 to 255) or `module=level`";

impl FromStr for Filter {
    type Err = Error;

    /// Reads directives.
    ///
    /// # Errors
    ///
    /// [`is_filter`](Error::is_filter): the first directive that is wrong, and a mark below the character from which
    /// on it is.
    fn from_str(filter: &str) -> Result<Self, Error> {
        let mut this = Self { default: None, directives: Vec::new() };
        let mut from = 0;
        for text in filter.split(',') {
            let directive = Piece { filter, from, to: from + text.len() }.trimmed();
            from += text.len() + 1;
            if directive.text().is_empty() {
                return Err(directive.wrong(directive.from, EXPECTED_DIRECTIVE));
            }
            match directive.text().rfind('=') {
                Some(equals) => {
                    let (subject, allowed) = directive.split_at(directive.from + equals);
                    let allowed = self::allowed(directive, allowed, EXPECTED_LEVEL)?;
                    this.directives.push(Directive { pattern: pattern(directive, subject)?, allowed });
                }
                None => this.default = Some(allowed(directive, directive, EXPECTED_DIRECTIVE)?),
            }
        }
        Ok(this)
    }
}

/// A level, and a rate if one stands behind it.
fn allowed(directive: Piece<'_>, text: Piece<'_>, expected: &str) -> Result<Allowed, Error> {
    let (level, rate) = match text.text().find(RATE) {
        Some(at) => {
            let (level, rate) = text.split_at(text.from + at);
            (level, Some(rate))
        }
        None => (text, None),
    };
    let limit = limit(level).ok_or_else(|| directive.wrong(level.from, expected))?;
    let rate = match rate {
        Some(_) if limit.0 == 0 => return Err(directive.wrong(level.to, "nothing behind `off`")),
        Some(rate) => Some(self::rate(rate).ok_or_else(|| directive.wrong(rate.from, EXPECTED_RATE))?),
        None => None,
    };
    Ok(Allowed { limit, rate })
}

fn rate(rate: Piece<'_>) -> Option<Rate> {
    // `parse` takes signs, and words.
    let is_number = rate.text().starts_with(|char: char| char.is_ascii_digit() || char == '.');
    rate.text().parse().ok().filter(|_| is_number).and_then(Rate::new)
}

fn limit(level: Piece<'_>) -> Option<Limit> {
    let text = level.text();
    let named = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    // `parse` takes a plus.
    let number = text.parse().ok().filter(|&number| number != 0 && !text.starts_with('+'));
    named.map(|&(_, limit)| limit).or(number).map(Limit)
}

const NAMES: [(&str, u8); 5] = [
    ("off", 0),
    ("critical", Level::CRITICAL.get()),
    ("info", Level::INFO.get()),
    ("verbose", Level::VERBOSE.get()),
    ("all", Level::ALL.get()),
];

impl FromStr for Pattern {
    type Err = Error;

    /// Reads a pattern that stands alone, which is compared with names too unless it says that it isn't.
    fn from_str(text: &str) -> Result<Self, Error> {
        let whole = Piece { filter: text, from: 0, to: text.len() }.trimmed();
        let pattern = pattern(whole, whole)?;
        let is_path = pattern.subject == Subject::Module;
        Ok(if is_path { Self { subject: Subject::ModuleOrName, ..pattern } } else { pattern })
    }
}

fn pattern(directive: Piece<'_>, subject: Piece<'_>) -> Result<Pattern, Error> {
    for (prefix, kind) in [(CATEGORY, Subject::Category), (NAME, Subject::Name)] {
        let Some(name) = subject.behind(prefix) else { continue };
        if name.text().is_empty() {
            return Err(directive.wrong(name.from, &format!("a name behind `{prefix}`")));
        }
        return Ok(Pattern { subject: kind, text: name.text().into() });
    }
    let mut expected = String::from("a module path, `cat:` with a category or `name:` with a name");
    let path = subject.text();
    let alone = path.replace("::", "  ").find(':');
    let foreign = path.find(|char: char| !is_of_path(char));
    let place = if path.is_empty() { Some(0) } else { alone.into_iter().chain(foreign).min() };
    match place {
        Some(at) => {
            let meant = path.replace('-', "_");
            if alone.is_none() && meant != path && !meant.contains(|char: char| !is_of_path(char)) {
                expected = format!("`{meant}`: the paths of a crate have `_` where its name has `-`");
            }
            Err(directive.wrong(subject.from + at, &expected))
        }
        None => Ok(Pattern { subject: Subject::Module, text: path.into() }),
    }
}

fn is_of_path(char: char) -> bool {
    char.is_alphanumeric() || ['_', ':', '*', '#'].contains(&char)
}

macro_rules! try_from {
    ($($text:ty),*) => {$(
        impl TryFrom<$text> for Filter {
            type Error = Error;

            fn try_from(text: $text) -> Result<Self, Error> {
                text.parse()
            }
        }
    )*};
}
try_from!(&str, &String, String);

/// Everything up to the level of this number, which is what a number without a type is.
impl TryFrom<i32> for Filter {
    type Error = Error;

    fn try_from(level: i32) -> Result<Self, Error> {
        Ok(Self::from(Level::try_from(level)?))
    }
}

/// The directives in their shortest form; [`FromStr`] gives the same filter back.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        if let Some(default) = self.default {
            write!(f, "{default}")?;
            separator = ",";
        }
        for Directive { pattern, allowed } in &self.directives {
            write!(f, "{separator}{pattern}={allowed}")?;
            separator = ",";
        }
        Ok(())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.subject {
            Subject::Module | Subject::ModuleOrName => "",
            Subject::Category => CATEGORY,
            Subject::Name => NAME,
        })?;
        f.write_str(&self.text)
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.limit.fmt(f)?;
        self.rate.map_or(Ok(()), |rate| write!(f, "{RATE}{rate}"))
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|&&(_, limit)| limit == self.0) {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "{}", self.0),
        }
    }
}
