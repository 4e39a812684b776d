//! Directives that say which callsites a session records, and up to which level.

mod parse;
#[cfg(test)]
mod tests;

use crate::callsite::{Callsite, StaticCallsite};
use crate::level::Level;
use crate::rate::Rate;

/// Which callsites a session records: directives, separated by commas.
///
/// | directive | applies to |
/// |---|---|
/// | `info` | all callsites to which no other directive applies |
/// | `app::net=verbose` | those in the module `net` of the crate `app` (a path as `module_path!()` gives it) and in all modules below it |
/// | `cat:alloc=off` | those of the category `alloc` |
/// | `name:load=3` | those whose events have this name; never those that make the name at run time |
///
/// Behind a level may stand which part of its events a callsite records, above 0 and up to 1: `net=3@0.01` records about one
/// in a hundred events of each callsite in `net`, whichever rate that has in source. Without it, that one holds. What is left
/// out is counted: see [sampling](crate::guide::sampling). Counters, additions to spans, and what makes its name at run time
/// are never thinned out. To [select](crate::Trace::select) from a trace, rates mean nothing.
///
/// A path begins with the name of its crate, in which `-` is `_`: `net=3` is what a crate `net` has, and not a module of the
/// program. `*::net=3` is a module `net` of any crate.
///
/// `*` in a module path, a category or a name stands for any text, also for none: `net::*` is what lies below `net`,
/// `*::io` is every module `io` but one at the root, with what lies below it.
///
/// A level is a number from 1 to 255, `critical` (1), `info` (2), `verbose` (3), `all` (255), or `off` for nothing; it
/// lets callsites of this level and of lower ones through. Of the directives that apply to a callsite, the last one
/// decides. Without a level that stands alone, what no directive applies to is not recorded.
///
/// There may be white space around each part. A name or category can't contain a comma here: put `*` for it.
///
/// ```
/// use traceme::{Filter, Session};
///
/// let session = Session::builder().filter("info, net::*=3, cat:alloc=off").start()?;
/// drop(session);
///
/// let filter: Filter = "2,db = all".parse()?;
/// assert_eq!(filter.to_string(), "info,db=all");
///
/// let error = "info,net=loud".parse::<Filter>().unwrap_err();
/// assert_eq!(error.offset(), Some(9));
/// assert_eq!(
///     error.to_string(),
///     "wrong filter directive `net=loud`: expected a level: critical, info, verbose, all, off, or a number from 1 to 255
///   info,net=loud
///            ^"
/// );
/// # Ok::<(), traceme::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// What no directive applies to.
    default: Option<Allowed>,
    directives: Vec<Directive>,
}

/// The highest level that is let through; 0 if nothing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limit(u8);

/// What is let through, and which part of it; `None` is the part that the source says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Allowed {
    limit: Limit,
    rate: Option<Rate>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Directive {
    pattern: Pattern,
    allowed: Allowed,
}

/// What tells callsites apart: that of a directive, or one that stands alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    subject: Subject,
    text: String,
}

/// What a pattern is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    Module,
    Category,
    Name,
    /// Of a pattern that stands alone.
    ModuleOrName,
}

/// What a filter looks at of a callsite, whether that is the one in the source or the copy in the table.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    level: Level,
    category: &'a str,
    module: &'a str,
    /// Empty if it is made at run time.
    name: &'a str,
}

impl<'a> From<&'a StaticCallsite> for Site<'a> {
    fn from(site: &'a StaticCallsite) -> Self {
        Self { level: site.level, category: site.category.name(), module: site.module, name: site.name }
    }
}

impl<'a> From<&'a Callsite> for Site<'a> {
    fn from(site: &'a Callsite) -> Self {
        Self { level: site.level, category: &site.category, module: &site.module, name: &site.name }
    }
}

impl Filter {
    /// Whether events of this callsite are let through.
    pub(crate) fn selects<'a>(&self, site: impl Into<Site<'a>>) -> bool {
        let site = site.into();
        self.allowed(site).is_some_and(|allowed| site.level.get() <= allowed.limit.0)
    }

    /// Which part of the events of this callsite is let through, if that is said here.
    pub(crate) fn rate_of<'a>(&self, site: impl Into<Site<'a>>) -> Option<Rate> {
        self.allowed(site.into())?.rate
    }

    fn allowed(&self, site: Site<'_>) -> Option<Allowed> {
        let last = self.directives.iter().rev().find(|directive| directive.pattern.applies(site));
        last.map(|directive| directive.allowed).or(self.default)
    }

    /// What its directives apply to.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.directives.iter().map(|directive| &directive.pattern)
    }

    /// The highest level that is let through anywhere; 0 if nothing is.
    pub(crate) fn highest(&self) -> u8 {
        let allowed = self.directives.iter().map(|directive| directive.allowed).chain(self.default);
        allowed.map(|allowed| allowed.limit.0).max().unwrap_or(0)
    }
}

impl Pattern {
    /// The path, if it is that of one module.
    pub(crate) fn path(&self) -> Option<&str> {
        (self.subject == Subject::Module && !self.text.contains('*')).then_some(&self.text)
    }

    /// Whether it applies to a callsite.
    pub(crate) fn applies<'a>(&self, site: impl Into<Site<'a>>) -> bool {
        let Site { module, category, name, .. } = site.into();
        let is_below = || {
            let above = module.match_indices("::").map(|(end, _)| &module[..end]);
            above.chain([module]).any(|module| matches(&self.text, module))
        };
        // A name that is made at run time is not known here.
        let is_called = || !name.is_empty() && matches(&self.text, name);
        match self.subject {
            Subject::Category => matches(&self.text, category),
            Subject::Name => is_called(),
            Subject::Module => is_below(),
            Subject::ModuleOrName => is_below() || is_called(),
        }
    }
}

/// Whether `text` is the pattern with each `*` replaced by some text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        // The first place is as good as any: it leaves most for the parts behind it.
        let Some((_, behind)) = rest.split_once(part) else { return false };
        rest = behind;
    }
    rest.ends_with(last)
}

/// Lets everything through.
impl Default for Filter {
    fn default() -> Self {
        Self::from(Level::ALL)
    }
}

/// Lets everything up to this level through.
impl From<Level> for Filter {
    fn from(level: Level) -> Self {
        Self { default: Some(Allowed { limit: Limit(level.get()), rate: None }), directives: Vec::new() }
    }
}
