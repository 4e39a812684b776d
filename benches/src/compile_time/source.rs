//! The crates that are compiled: the same functions, bare or annotated.
//!
//! 20 modules of 50 functions, five of each of ten kinds; every function has 20 lines, and arguments `a` and `data`.
//! What differs between functions of one kind are names and constants.

use std::fmt::Write;

/// How many functions a crate has.
pub(super) const COUNT: usize = MODULES * COPIES * (FREE.len() + METHODS.len());
const MODULES: usize = 20;
const COPIES: usize = 5;
const LINES: usize = 20;

/// The files of a crate below `src`: name and text. `attribute` stands above each function.
pub(super) fn files(attribute: &str) -> Vec<(String, String)> {
    let mut root = String::from("#![allow(dead_code)]\n\n");
    let mut files = Vec::new();
    for module in 0..MODULES {
        writeln!(root, "pub mod module_{module};").expect("text grows");
        files.push((format!("module_{module}.rs"), text(module, attribute)));
    }
    files.push(("lib.rs".into(), root));
    files
}

fn text(module: usize, attribute: &str) -> String {
    let (mut free, mut methods) = (HEAD.to_string(), String::from("impl Table {\n"));
    let mut calls = String::new();
    for copy in 0..COPIES {
        let number = module * COPIES + copy;
        let fill = |template: &str| {
            assert_eq!(template.trim().lines().count(), LINES, "{template}");
            let constants = [("$i", copy), ("$k", number * 7 % 23 + 2), ("$p", number * 2_654_435_761 % 65_521 + 3)];
            constants.iter().fold(template.to_string(), |text, (name, value)| text.replace(name, &value.to_string()))
        };
        for template in FREE {
            write!(free, "{attribute}\n{}\n", fill(template)).expect("text grows");
        }
        for template in METHODS {
            write!(methods, "{attribute}\n{}\n", fill(template)).expect("text grows");
        }
        calls += &CALLS.replace("$i", &copy.to_string());
    }
    // Generic functions are compiled where they are called.
    format!(
        "{free}{methods}}}\n\npub fn calls(a: u64, data: &[u32]) -> u64 {{\n    let mut sum = a;\n{calls}    sum\n}}\n"
    )
}

const HEAD: &str = "\
use std::collections::HashMap;

#[derive(Debug, Clone, Default)]
pub struct Table {
    rows: Vec<u64>,
    names: HashMap<String, u64>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    Skip(u64),
    Take { from: u64, count: u64 },
    Stop,
}

";

const CALLS: &str = "    sum += generic_$i(a, $i, data);
    sum += mapped_$i(a, $i, data, |x: &u32| u64::from(*x) + a);
";

const FREE: [&str; 7] = [
    "
pub fn folded_$i(a: u64, b: u64, data: &[u64]) -> u64 {
    let mut total = a;
    for (index, &value) in data.iter().enumerate() {
        if value % $k == b {
            continue;
        }
        total = total.wrapping_mul($p).wrapping_add(value);
        if index as u64 > a {
            total ^= value << ($k % 13);
        }
    }
    let largest = data.iter().copied().max().unwrap_or(b);
    let spread = match largest.checked_sub(total) {
        Some(0) => 1,
        Some(spread) if spread > b => spread - b,
        Some(spread) => spread,
        None => a,
    };
    total / spread.max(1)
}
",
    "
pub fn parsed_$i(a: u64, b: usize, data: &str) -> Result<u64, std::num::ParseIntError> {
    let mut sum = a;
    let mut fields = data.split(',').skip(b);
    while let Some(field) = fields.next() {
        let field = field.trim();
        if field.is_empty() {
            break;
        }
        let value: u64 = match field.strip_prefix(\"0x\") {
            Some(digits) => u64::from_str_radix(digits, 16)?,
            None => field.parse()?,
        };
        sum = sum.wrapping_add(value * $k);
        if value == $p {
            return Ok(sum);
        }
    }
    let rest = fields.count() as u64;
    Ok(sum + rest)
}
",
    "
pub fn words_$i(a: u64, b: usize, data: &str) -> Vec<String> {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for word in data.split_whitespace() {
        *counts.entry(word).or_insert(a) += $k;
    }
    let mut words: Vec<String> = counts
        .iter()
        .filter(|(word, count)| word.len() > b && **count > $k)
        .map(|(word, count)| format!(\"{word}: {count}\"))
        .collect();
    words.sort();
    if words.len() > $p {
        words.truncate($p);
    }
    if let Some(first) = words.first_mut() {
        first.push_str(\"first\");
        first.insert(0, '#');
    }
    words
}
",
    "
pub fn steps_$i(a: u64, b: u64, data: &[Step]) -> Option<u64> {
    let mut position = a;
    let mut taken = Vec::with_capacity(data.len());
    for step in data {
        match step {
            Step::Skip(0) => return None,
            Step::Skip(count) => position += count * $k,
            Step::Take { from, count } if *count > b => {
                taken.push(from + position);
            }
            Step::Take { from, .. } => position = position.max(*from),
            Step::Stop => break,
        }
    }
    taken.sort_unstable();
    taken.dedup();
    let last = taken.last()?;
    let first = taken.first().copied().unwrap_or($p);
    Some(first - last)
}
",
    "
pub fn generic_$i<T: Copy + PartialOrd + Into<u64>>(a: u64, b: u64, data: &[T]) -> u64 {
    let mut best: Option<T> = None;
    let mut sum = a;
    for &item in data {
        let value: u64 = item.into();
        sum += value * $k + b;
        best = match best {
            Some(other) if other >= item => Some(other),
            _ => Some(item),
        };
    }
    let Some(best) = best else {
        return $p;
    };
    let best = best.into();
    if sum > best {
        return sum - best;
    }
    best - sum
}
",
    "
pub fn mapped_$i<T, F>(a: u64, b: usize, data: &[T], mut f: F) -> u64
where
    F: FnMut(&T) -> u64,
{
    let mut results = Vec::new();
    for item in data.iter().skip(b) {
        let result = f(item);
        if result == $p {
            break;
        }
        results.push(result + a);
    }
    let (even, odd) = results.split_at(results.len() / 2);
    let mut sum = 0;
    for (x, y) in even.iter().zip(odd) {
        sum += x * y + $k;
    }
    let longest = even.len().max(odd.len());
    sum + longest as u64
}
",
    "
pub fn windows_$i(a: u64, b: u64, data: &[u64]) -> Vec<(u64, u64)> {
    let mut runs = Vec::new();
    let mut length = 1;
    for pair in data.windows(2) {
        let [first, second] = pair else {
            continue;
        };
        if second.abs_diff(*first) <= $k + b {
            length += 1;
        } else {
            runs.push((*first, length));
            length = 1;
        }
    }
    let total: u64 = runs.iter().map(|(_, length)| length).sum();
    runs.retain(|&(value, length)| value > a || length * $p > total);
    runs.push((total, data.len() as u64));
    runs.truncate($p);
    runs
}
",
];

const METHODS: [&str; 3] = [
    "
    pub fn insert_$i(&mut self, a: u64, b: u64, data: &[u64]) -> Result<usize, String> {
        let before = self.rows.len();
        for &row in data {
            if row == $p {
                return Err(format!(\"row {row} of {before} is not allowed\"));
            }
            if self.rows.contains(&(row + a)) {
                continue;
            }
            self.rows.push(row + a);
        }
        let added = self.rows.len() - before;
        if added as u64 > b {
            self.rows.sort_unstable();
        }
        for (index, name) in self.names.values_mut().enumerate() {
            *name += index as u64 * $k;
        }
        Ok(added)
    }
",
    "
    pub fn lookup_$i(&self, a: u64, b: u64, data: &str) -> Option<&u64> {
        let key = data.trim_start_matches('/').to_lowercase();
        if let Some(row) = self.names.get(&key) {
            return Some(row);
        }
        let mut found = None;
        let mut distance = a + $k;
        for (name, row) in &self.names {
            let difference = name.len().abs_diff(key.len()) as u64;
            match found {
                None => found = Some(row),
                Some(_) if difference < distance => {
                    distance = difference;
                    found = Some(row);
                }
                Some(_) => {}
            }
        }
        found.filter(|&&row| row > b)
    }
",
    "
    pub fn merge_$i(mut self, a: u64, b: usize, data: &[Table]) -> Self {
        for table in data {
            let offset = self.rows.len() as u64 + a;
            self.rows.extend(table.rows.iter().map(|row| row + offset));
            for (name, row) in &table.names {
                let place = self.names.entry(name.clone()).or_default();
                if *place < $k {
                    *place = row + offset;
                } else {
                    *place += $p;
                }
            }
        }
        if self.rows.len() > b {
            self.rows.truncate(b);
        }
        let sum = self.rows.iter().fold(0u64, |sum, row| sum.wrapping_add(*row));
        self.names.insert(\"sum\".to_string(), sum);
        self
    }
",
];
