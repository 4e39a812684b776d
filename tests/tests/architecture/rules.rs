//! The rules, each a function from sources to sentences about what breaks it.

use std::collections::{BTreeMap, BTreeSet};

use crate::imports::{Crate, Import, Module};
use crate::tokens::tokens;

/// A source file; its path starts at the root of the repository.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The modules of traceme. One may import those in the lines above it.
const LAYERS: [&[&str]; 9] = [
    &["error", "sync", "terminal", "guide"],
    &["level", "category", "encode", "rate"],
    &["callsite"],
    &["filter"],
    &["record"],
    &["instrument", "trace"],
    &["analysis", "export"],
    &["session"],
    &["init"],
];

/// Where unsafe code may stand: these files, and those in the folders that end in `/`.
const UNSAFE: [&str; 3] = ["traceme/src/record/clock.rs", "traceme/src/record/thread.rs", "traceme/src/record/os/"];

/// Modules whose files may refer to each other in circles: a type in one, its parts and views in others. Taken as
/// one file each when cycles are looked for.
const ENTWINED: [&str; 3] = ["record", "session", "trace"];

const MAX_LINES: usize = 400;

pub(crate) fn broken_rules(sources: &[Source]) -> Vec<String> {
    let mut broken = Vec::new();
    let library = Crate::read("traceme/src/", sources);
    import_table(&library, sources, &mut broken);
    cycles("traceme/src", &library, &mut broken);
    cycles("traceme-macros/src", &Crate::read("traceme-macros/src/", sources), &mut broken);
    for source in sources {
        unsafe_code(source, &mut broken);
        long_file(source, &mut broken);
    }
    broken
}

fn import_table(library: &Crate, sources: &[Source], broken: &mut Vec<String>) {
    let layer = |module: &str| LAYERS.iter().position(|layer| layer.contains(&module));
    let imports = library.imports();
    for source in sources {
        for Import { line, from, to, root_item, .. } in imports.iter().filter(|import| import.path == source.path) {
            let at = format!("{}:{line}", source.path);
            match (from.first(), to.first()) {
                (Some(from), Some(to)) if from != to && layer(from).is_some() && layer(from) <= layer(to) => {
                    broken.push(format!("{at}: `{from}` may not import `{to}`"));
                }
                (Some(_), None) => {
                    let item = root_item.as_deref().unwrap_or_default();
                    broken.push(format!("{at}: imports `crate::{item}`, which no module defines"));
                }
                _ => {}
            }
        }
    }
    for (module, path) in library.modules() {
        if let Some(module) = module.first().filter(|module| layer(module).is_none()) {
            broken.push(format!("{path}:1: `{module}` is not in the table of modules"));
        }
    }
}

/// Cycles of files. The root of a crate is not part of any: it declares the modules.
fn cycles(folder: &str, library: &Crate, broken: &mut Vec<String>) {
    let mut edges: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    let part = |module: Module| match module.first() {
        Some(first) if ENTWINED.contains(&first.as_str()) => vec![first.clone()],
        _ => module,
    };
    for Import { from, to, .. } in library.imports() {
        let (from, to) = (part(from), part(to));
        if !from.is_empty() && !to.is_empty() && from != to {
            edges.entry(from).or_default().insert(to);
        }
    }
    let mut seen = BTreeSet::new();
    for start in edges.keys() {
        let Some(cycle) = shortest_cycle(&edges, start) else { continue };
        if seen.insert(cycle.iter().cloned().collect::<BTreeSet<_>>()) {
            let names: Vec<_> = cycle.iter().chain([start]).map(|module| module.join("::")).collect();
            broken.push(format!("{folder}: cycle {}", names.join(" -> ")));
        }
    }
}

/// The modules of the shortest way from one back to itself, breadth first.
fn shortest_cycle(edges: &BTreeMap<Module, BTreeSet<Module>>, start: &Module) -> Option<Vec<Module>> {
    let mut ways = vec![vec![start.clone()]];
    let mut visited = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in way.last().and_then(|last| edges.get(last)).into_iter().flatten() {
                if next == start {
                    return Some(way);
                }
                if visited.insert(next.clone()) {
                    longer.push([&way[..], std::slice::from_ref(next)].concat());
                }
            }
        }
        ways = longer;
    }
    None
}

fn unsafe_code(source: &Source, broken: &mut Vec<String>) {
    let is_library = source.path.starts_with("traceme/src/") || source.path.starts_with("traceme-macros/src/");
    let is_allowed =
        UNSAFE.iter().any(|place| source.path == *place || place.ends_with('/') && source.path.starts_with(place));
    if is_library && !is_allowed {
        let found = tokens(&source.text).into_iter().filter(|token| token.text == "unsafe");
        broken.extend(found.map(|token| format!("{}:{}: unsafe code may not stand here", source.path, token.line)));
    }
}

fn long_file(source: &Source, broken: &mut Vec<String>) {
    let lines = source.text.lines().count();
    if lines > MAX_LINES {
        broken.push(format!("{}: {lines} lines, at most {MAX_LINES} are allowed", source.path));
    }
}
