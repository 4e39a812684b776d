//! The attribute macro of [traceme](https://docs.rs/traceme), which re-exports it: depend on that crate.
//!
//! What enters is the attribute's arguments and the function below it; what leaves is the same function with one
//! statement in front of its body, or the errors and the function as it was. In between, in order: `syntax`
//! reads what was written, `validate` applies every rule and makes a plan, `expand` turns the plan into
//! tokens, and `fallback` does so if there were errors. The body is carried along and never read.

mod diag;
mod expand;
mod fallback;
mod syntax;
#[cfg(test)]
mod tests;
mod validate;

use proc_macro2::TokenStream;

use crate::diag::Errors;
use crate::syntax::{Args, FnItem};
use crate::validate::Plan;

/// Records a span around every call of a function or method.
///
/// ```
/// use traceme::{categories, traceme};
///
/// categories! { IO = "io"; }
///
/// #[traceme]
/// fn parse(text: &str) -> usize {
///     text.len()
/// }
///
/// #[traceme(level = 2, name = "load", category = IO, meta(size = data.len(), path = %path.display(), kind = "file"))]
/// fn load_file(path: &std::path::Path, data: &[u8]) -> usize {
///     data.len()
/// }
///
/// assert_eq!(parse("1 + 1") + load_file("a".as_ref(), &[1, 2]), 7);
/// ```
///
/// # Arguments
///
/// All are optional, in any order, each at most once.
///
/// | argument | what it becomes |
/// |---|---|
/// | `level = 2` | The span's level, an expression that is constant: `Level::INFO` works too. Without it the level is 1. |
/// | `name = "load"` | The span's name. Without it the span is named after the function. |
/// | `name = format!("load_{id}")` | A name made at run time, and only if the span is recorded. |
/// | `category = IO` | The span's category: the path of a constant, as `categories!` makes them. |
/// | `meta(size = data.len())` | Metadata; the value is any expression of a type that implements `Value`. |
/// | `meta(path = %path)` | Metadata; the value as `Display` writes it. |
/// | `meta(request = ?request)` | Metadata; the value as `Debug` writes it. |
/// | `meta(n)` | Short for `meta(n = n)`. |
/// | `span = s` | The span's guard is called `s` in the body, for `append!(s, rows = rows)`. |
/// | `crate = my_crate::traceme` | Where the crate traceme is found, if not at `::traceme`. |
///
/// Metadata is evaluated once a call, from left to right, before the body, and only if the span is recorded. The
/// arguments of the function are not captured unless they are named here. A span carries at most 14 values that are
/// not literals; a name made at run time is one of them.
///
/// # Expands to
///
/// The function as it was, with one statement in front of its body. This
///
/// ```
/// # use traceme::traceme;
/// #[traceme(level = 2, meta(size = data.len()))]
/// fn checksum(data: &[u8]) -> u8 {
///     data.iter().fold(0, |sum, byte| sum ^ byte)
/// }
/// # assert_eq!(checksum(&[1, 3]), 2);
/// ```
///
/// becomes this, in which the name of the guard is one that the body cannot see:
///
/// ```
/// fn checksum(data: &[u8]) -> u8 {
///     let guard = ::traceme::span!("checksum", level = 2, meta(size = data.len()));
///     data.iter().fold(0, |sum, byte| sum ^ byte)
/// }
/// # assert_eq!(checksum(&[1, 3]), 2);
/// ```
///
/// So the span ends when the function's own variables have been dropped, however the function is left: by its last
/// expression, by `return`, by `?` or by a panic. With the feature `enable` of traceme off, the statement compiles
/// to nothing.
///
/// # Errors
///
/// It is a compile error, at the token that is wrong, to name an argument that does not exist or to give one
/// twice; a literal level outside 1 to 255; an empty name; a metadata key given twice, or too many values; and to put
/// the attribute on anything but a function with a body, on a `const fn` or on an `async fn`.
#[proc_macro_attribute]
pub fn traceme(arguments: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    annotate(arguments.into(), item.into()).into()
}

fn annotate(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let args = Args::read(arguments, &mut errors);
    let function = FnItem::read(item.clone(), &mut errors);
    let function = function.filter(|function| validate::is_traceable(&function.signature, &mut errors));
    let signature = function.as_ref().map(|function| &function.signature);
    let bare = signature.and_then(|signature| Plan::bare(signature, &args));
    let plan = validate::plan(args, signature, &mut errors);
    match (errors.finish(), function, plan) {
        (None, Some(function), Some(plan)) => expand::expand(&function, &plan),
        (errors, Some(function), _) => fallback::fallback(errors, item, bare.map(|bare| (function, bare))),
        (errors, None, _) => fallback::fallback(errors, item, None),
    }
}
