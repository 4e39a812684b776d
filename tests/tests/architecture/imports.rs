//! Which module names which other: every path that starts with `crate`, `self` or `super`, in `use` lines and
//! elsewhere, followed through re-exports to the file that it means.

use std::collections::BTreeMap;

use crate::rules::Source;
use crate::tokens::{Token, tokens};

/// A module by its path from the crate's root, which is the empty path.
pub(crate) type Module = Vec<String>;

/// One file that names something in another file of its crate.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) from: Module,
    pub(crate) to: Module,
    /// The first word of what is named, if it is in the crate's root.
    pub(crate) root_item: Option<String>,
}

/// The modules of one crate.
pub(crate) struct Crate {
    files: BTreeMap<Module, File>,
    /// Exported macros, and where they are defined.
    macros: BTreeMap<String, Module>,
}

struct File {
    path: String,
    named: Vec<Named>,
}

/// A path as it stands in a file.
struct Named {
    line: usize,
    path: Vec<String>,
}

impl Crate {
    /// The crate whose sources lie in a folder such as `traceme/src/`.
    pub(crate) fn read(folder: &str, sources: &[Source]) -> Self {
        let mut this = Self { files: BTreeMap::new(), macros: BTreeMap::new() };
        for source in sources {
            if let Some(path) = source.path.strip_prefix(folder) {
                this.add(module_of(path), source);
            }
        }
        this
    }

    pub(crate) fn modules(&self) -> impl Iterator<Item = (&Module, &str)> {
        self.files.iter().map(|(module, file)| (module, file.path.as_str()))
    }

    fn add(&mut self, module: Module, source: &Source) {
        let tokens = tokens(&source.text);
        for words in tokens.windows(3) {
            if words[0].text == "macro_rules" {
                self.macros.insert(words[2].text.clone(), module.clone());
            }
        }
        let named = paths(&tokens, &module);
        self.files.insert(module, File { path: source.path.clone(), named });
    }

    /// Every import of a file from another one; what a module makes of its own submodules is its own business.
    pub(crate) fn imports(&self) -> Vec<Import> {
        let mut found = Vec::new();
        for (from, file) in &self.files {
            for named in &file.named {
                let (to, item) = self.resolve(&named.path, 0);
                let is_below = to.starts_with(from);
                if !is_below {
                    let root_item = if to.is_empty() { item } else { None };
                    found.push(Import { path: file.path.clone(), line: named.line, from: from.clone(), to, root_item });
                }
            }
        }
        found
    }

    /// The file that a path means, and the word that follows it.
    fn resolve(&self, path: &[String], depth: usize) -> (Module, Option<String>) {
        let known = (0..=path.len()).rev().find(|&length| self.files.contains_key(&path[..length])).unwrap_or(0);
        let (module, item) = (path[..known].to_vec(), path.get(known));
        let Some(item) = item else { return (module, None) };
        if let (true, Some(defining)) = (module.is_empty(), self.macros.get(item)) {
            return (defining.clone(), None);
        }
        let names = self.files.get(&module).map_or(&[][..], |file| &file.named);
        let exported =
            names.iter().find(|named| named.path.last() == Some(item) && !named.path.starts_with(&path[..=known]));
        match exported {
            Some(named) if depth < 8 => self.resolve(&named.path, depth + 1),
            _ => (module, Some(item.clone())),
        }
    }
}

fn module_of(path: &str) -> Module {
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').filter(|&name| name != "lib").map(String::from).collect()
}

/// Every path in a file that starts at the crate's root, or can be made to.
fn paths(tokens: &[Token], file: &Module) -> Vec<Named> {
    let mut found = Vec::new();
    // The inline modules around the current token, and for each brace whether it is one.
    let mut module = file.clone();
    let mut braces = Vec::new();
    let submodules: Vec<&str> =
        tokens.windows(3).filter(|w| w[0].text == "mod" && w[2].text == ";").map(|w| w[1].text.as_str()).collect();
    for (at, token) in tokens.iter().enumerate() {
        let before = |distance: usize| at.checked_sub(distance).map_or("", |at| tokens[at].text.as_str());
        let follows = tokens.get(at + 1).map_or("", |token| token.text.as_str());
        match token.text.as_str() {
            "{" => {
                braces.push(before(2) == "mod");
                module.extend((before(2) == "mod").then(|| before(1).to_string()));
            }
            "}" if braces.pop() == Some(true) => drop(module.pop()),
            "crate" | "self" | "super" if follows == "::" && !["::", "$"].contains(&before(1)) => {
                let is_visibility = before(1) == "in" && before(2) == "(" && before(3) == "pub";
                if !is_visibility {
                    tree(tokens, at, &module, &mut found);
                }
            }
            // In a file with submodules, `use submodule::..` is short for `use self::submodule::..`.
            word if before(1) == "use" && submodules.contains(&word) => {
                tree(tokens, at, &module, &mut found);
            }
            _ => {}
        }
    }
    found
}

/// Reads the path or the tree of paths at a token; returns the index behind it.
fn tree(tokens: &[Token], mut at: usize, base: &Module, found: &mut Vec<Named>) -> usize {
    let mut path = base.clone();
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "crate" => path.clear(),
            "super" => drop(path.pop()),
            "self" => {}
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token.text != "}") {
                    at = tree(tokens, at, &path, found) + usize::from(tokens.get(at).is_none());
                    while tokens.get(at).is_some_and(|token| ![",", "}"].contains(&token.text.as_str())) {
                        at += 1;
                    }
                    at += usize::from(tokens.get(at).is_some_and(|token| token.text == ","));
                }
                return at + 1;
            }
            _ if token.is_word() => path.push(token.text.clone()),
            _ => break,
        }
        at += 1;
        match tokens.get(at) {
            Some(token) if token.text == "::" => at += 1,
            _ => break,
        }
    }
    found.push(Named { line: tokens[at.min(tokens.len() - 1)].line, path });
    at
}
