//! Ordinary mistakes, each a source with `#[traceme]` on a line of its own above the function that has it.

mod borrows;
mod lints;
mod names;
mod syntax;
mod types;

/// What is wrong, and the source.
pub(crate) type Case = (&'static str, &'static str);

pub(crate) fn all() -> impl Iterator<Item = &'static Case> {
    [types::CASES, borrows::CASES, names::CASES, lints::CASES, syntax::CASES].into_iter().flatten()
}
