//! Directives that apply to no callsite that the program has: a path that lacks its crate, a misspelt name.

use std::collections::BTreeSet;

use crate::callsite::Callsite;
use crate::filter::Filter;
use crate::record::os;
use crate::session::callsites;
use crate::session::report::grouped;

/// What is to be told of the directives in a filter's text that have had no effect, one line each.
pub(super) fn lines(directives: &str) -> Vec<String> {
    // Without a list of the linker's nobody knows those that have not run.
    if !directives.contains('=') || os::callsites().is_empty() {
        return Vec::new();
    }
    let all: Vec<Callsite> = callsites().into_iter().map(|status| status.callsite).collect();
    let told = |directive: &str| {
        let filter: Filter = directive.parse().ok()?;
        let pattern = filter.patterns().next().filter(|pattern| !all.iter().any(|site| pattern.applies(site)))?;
        let hint = pattern.path().and_then(|path| Some((path, meant(path, &all)?)));
        let hint = hint.map(|(path, module)| format!(" (did you mean `{}`?)", directive.replacen(path, module, 1)));
        let (count, hint) = (grouped(all.len() as u64), hint.unwrap_or_default());
        Some(format!("the directive `{directive}` matches none of the program's {count} callsites{hint}"))
    };
    directives.split(',').map(str::trim).filter_map(told).collect()
}

/// The one module with this path at its end, if there is one.
fn meant<'s>(path: &str, all: &'s [Callsite]) -> Option<&'s str> {
    let above = |module: &'s str| module.match_indices("::").map(move |(end, _)| &module[..end]).chain([module]);
    let is_meant = |module: &&str| module.strip_suffix(path).is_some_and(|rest| rest.ends_with("::"));
    let modules: BTreeSet<&str> = all.iter().flat_map(|site| above(&site.module)).filter(is_meant).collect();
    modules.first().copied().filter(|_| modules.len() == 1)
}
