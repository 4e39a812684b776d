//! The rules about functions: which of them can hold a guard, and which arguments go with which of them.

use syn::{Attribute, Error, Result, Type};

use crate::arguments::Argument;
use crate::attributes::{self, Stays, is_ours, naked, track_caller};
use crate::diag::Errors;
use crate::function::FnItem;
use crate::future::Future;
use crate::impls;
use crate::syntax::{Args, given};

const PRIMITIVES: [&str; 16] = [
    "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32",
    "f64",
];

/// Whether a function of this kind can hold a guard.
pub(crate) fn check_kind(function: &FnItem) -> Result<()> {
    if let Some(constness) = &function.constness {
        let message = "#[traceme] cannot trace a `const fn`, which must also run at compile time: \
                       put it on the callers, or remove the `const`";
        return Err(Error::new(*constness, message));
    }
    if let Some(attribute) = naked(&function.attributes) {
        let message = "#[traceme] cannot trace a naked function, whose body is assembly: put it on the callers";
        return Err(Error::new_spanned(&attribute.meta, message));
    }
    Ok(())
}

/// Whether an item with these attributes has no other `#[traceme]`.
pub(crate) fn check_once(attributes: &[Attribute]) -> Result<()> {
    match attributes.iter().find(|attribute| is_ours(attribute)) {
        Some(second) => Err(Error::new_spanned(second.path(), "this item has a #[traceme] already: make them one")),
        None => Ok(()),
    }
}

/// What has to stay of the header of an `async fn`: an attribute that is still to be expanded may look at it; the never type
/// is no argument of a trait; and only there may an `impl` among the arguments have a lifetime without a name.
pub(crate) fn stays(function: &FnItem) -> Stays {
    let is_anonymous = function.arguments.iter().any(|argument| impls::is_anonymous(&argument.rest));
    let is_async_only = function.never_returns() || is_anonymous;
    let signature = if is_async_only { Stays::Async } else { Stays::Nothing };
    signature.max(attributes::stays(&function.attributes))
}

/// Whether the arguments go with this function.
pub(crate) fn check_arguments(args: &Args, function: &FnItem, errors: &mut Errors) {
    let mut names = function.arguments.iter().filter_map(Argument::name);
    if let Some(span) = args.span.as_ref().filter(|span| names.any(|name| *name == span.value)) {
        let message = format!("`{}` is an argument of this function: give the span's guard another name", span.value);
        errors.push_at(span.place, Error::new(span.value.span(), message));
    }
    let (misplaced, message) = match function.future {
        None => (given(&args.skip_polls), "`skip_polls` is for functions that give a future: remove it"),
        Some(_) => (
            given(&args.alert),
            "`alert` is not for functions that give a future, which takes as long as what it waits for: \
             put it on the functions that this one calls between two `.await`s",
        ),
    };
    if let Some((key, place)) = misplaced {
        errors.push_at(place, Error::new(key.span(), message));
    }
    if matches!(function.future, None | Some(Future::Async)) {
        check_outcomes(args, function, errors);
    }
}

/// Whether the result of the function can be recorded.
fn check_outcomes(args: &Args, function: &FnItem, errors: &mut Errors) {
    let output = function.output.clone();
    let output_type = output.clone().and_then(|output| syn::parse2::<Type>(output).ok());
    let output_type = output_type.as_ref().map(ungrouped);
    if function.future.is_none() && track_caller(&function.attributes) {
        for (key, place) in args.outcomes() {
            let message = format!(
                "`{key}` cannot stand on a `#[track_caller]` function: its body would run in a closure, and take that \
                 for its caller; remove one of the two"
            );
            errors.push_at(place, Error::new(key.span(), message));
        }
    }
    if let (Some((key, _)), Some(span)) = (args.outcomes().next(), function.unnameable()) {
        let why = match function.future {
            None => "the body would run in a closure, whose type cannot be named",
            Some(_) => "its type cannot be named, and could not be checked where recording is compiled out",
        };
        let message = format!(
            "`{key}` cannot record an `impl Trait`: {why}; return a type with a name, or record the result in the body"
        );
        errors.push(Error::new(span, message));
    }
    if let (Some(ret), Some(Type::Never(_))) = (&args.ret, output_type) {
        errors.push_at(ret.place, Error::new(ret.key.span(), "`ret` is for functions that return: remove it"));
    }
    if let Some(err) = &args.err {
        let message = match output_type {
            Some(Type::Never(_)) => "`err` is for functions that return a `Result`: remove it",
            _ => "`err` is for functions that return a `Result`: remove it, or use `ret`",
        };
        match output_type {
            _ if output.is_none() => errors.push_at(err.place, Error::new(err.key.span(), message)),
            Some(output) if is_no_result(output) => errors.push(Error::new_spanned(output, message)),
            _ => {}
        }
    }
}

/// Whether a type cannot be a `Result`, whatever its names mean.
fn is_no_result(output: &Type) -> bool {
    match output {
        Type::Array(_) | Type::FnPtr(_) | Type::Never(_) | Type::Ptr(_) | Type::Reference(_) | Type::Slice(_) => true,
        Type::TraitObject(_) | Type::Tuple(_) => true,
        Type::Path(path) => PRIMITIVES.iter().any(|primitive| path.path.is_ident(primitive)),
        _ => false,
    }
}

/// The type without parentheses, visible or not.
fn ungrouped(mut output: &Type) -> &Type {
    loop {
        output = match output {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            output => return output,
        };
    }
}
