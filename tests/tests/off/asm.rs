//! Assembly as text: the functions of a file, each as instructions that can be compared with those of another build.

use std::collections::{BTreeMap, HashMap};

/// The functions by name; a name stands for several if they differ only in their hash, such as closures.
pub(crate) type Functions = BTreeMap<String, Vec<Vec<String>>>;

/// The functions of an assembly file as `rustc --emit=asm` writes it for ELF.
pub(crate) fn functions(assembly: &str) -> Functions {
    let mut found = Functions::new();
    let mut lines = assembly.lines();
    while let Some(line) = lines.next() {
        let Some(symbol) = line.trim().strip_prefix(".type").and_then(|rest| rest.trim().strip_suffix(",@function"))
        else {
            continue;
        };
        let end = format!(".size\t{symbol},");
        let body = lines.by_ref().take_while(|line| !line.trim().starts_with(&end)).filter_map(instruction);
        found.entry(without_hash(symbol)).or_default().push(normal(body));
    }
    // They come in the order of their hashes.
    found.values_mut().for_each(|functions| functions.sort_unstable());
    found
}

/// An instruction or a local label; neither comments nor directives.
fn instruction(line: &str) -> Option<&str> {
    let line = line.split(" #").next().unwrap_or_default().trim();
    let is_label = line.ends_with(':');
    let is_local = line.starts_with(".LBB");
    (!line.is_empty() && (is_local || !is_label) && (is_local || !line.starts_with(['.', '#']))).then_some(line)
}

/// Instructions with labels named by the order in which they appear, and symbols without hashes.
fn normal<'a>(instructions: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut labels = HashMap::new();
    let is_name = |c: char| c.is_alphanumeric() || "_.$@".contains(c);
    instructions
        .map(|line| {
            let mut normal = String::new();
            let mut rest = line;
            while !rest.is_empty() {
                let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                let (word, after) = rest.split_at(length.max(rest.chars().next().map_or(0, char::len_utf8)));
                if word.starts_with(".L") || word.starts_with("GCC_except_table") {
                    let number = labels.len();
                    normal += &format!("label{}", labels.entry(word.to_string()).or_insert(number));
                } else {
                    normal += &without_hash(word);
                }
                rest = after;
            }
            normal.replace('\t', " ")
        })
        .collect()
}

/// A mangled name without `17h` and sixteen digits, the hash of its crate and type.
fn without_hash(symbol: &str) -> String {
    match symbol.find("17h") {
        Some(at) if symbol[at + 3..].bytes().take(16).filter(u8::is_ascii_hexdigit).count() == 16 => {
            format!("{}{}", &symbol[..at], &symbol[at + 19..])
        }
        _ => symbol.to_string(),
    }
}

/// The lines that differ between two lists, with the common ones around them (longest common subsequence).
pub(crate) fn diff(before: &[String], after: &[String]) -> String {
    let mut common = vec![vec![0; after.len() + 1]; before.len() + 1];
    for (i, line) in before.iter().enumerate().rev() {
        for (j, other) in after.iter().enumerate().rev() {
            common[i][j] =
                if line == other { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut text) = (0, 0, String::new());
    while i < before.len() || j < after.len() {
        if i < before.len() && j < after.len() && before[i] == after[j] {
            text += &format!("   {}\n", before[i]);
            (i, j) = (i + 1, j + 1);
        } else if j == after.len() || (i < before.len() && common[i + 1][j] >= common[i][j + 1]) {
            text += &format!(" - {}\n", before[i]);
            i += 1;
        } else {
            text += &format!(" + {}\n", after[j]);
            j += 1;
        }
    }
    text
}
