//! Every rule about what the arguments may say and where the attribute may stand. What passes is a [`Plan`].

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, Expr, Lit, LitStr, Path, Result, Signature};

use crate::diag::Errors;
use crate::syntax::{Args, MetaArg, is_literal, ungrouped};

/// How many values one span can carry that are made at run time; literals in the source are not among them.
const MAX_VALUES: usize = 14;

/// What to expand to.
pub(crate) struct Plan {
    pub(crate) name: Name,
    pub(crate) level: Option<Expr>,
    pub(crate) category: Option<Path>,
    pub(crate) meta: Vec<MetaArg>,
    /// The user's name for the guard.
    pub(crate) guard: Option<Ident>,
    pub(crate) crate_path: Option<Path>,
}

pub(crate) enum Name {
    /// Known at compile time.
    Fixed(LitStr),
    /// Made at run time, if the span is recorded.
    Made(Box<Expr>),
}

impl Plan {
    /// The plan for a function whose attribute has mistakes: only a guard, if the body may refer to it by name.
    pub(crate) fn bare(signature: &Signature, args: &Args) -> Option<Self> {
        let (name, guard, crate_path) = (named_after(signature), args.span.clone(), args.crate_path.clone());
        guard.is_some().then_some(Self { name, level: None, category: None, meta: Vec::new(), guard, crate_path })
    }
}

/// Applies the rules to arguments and to the function, if it is one. The plan is good if no error was added.
pub(crate) fn plan(args: Args, signature: Option<&Signature>, errors: &mut Errors) -> Option<Plan> {
    if let Some(level) = &args.level {
        check(check_level(level), errors);
    }
    let meta = args.meta.unwrap_or_default();
    check_keys(&meta, errors);
    let name = match args.name {
        Some(name) => check(name_from(name), errors),
        None => signature.map(named_after),
    };
    check(check_count(&meta, matches!(name, Some(Name::Made(_)))), errors);
    Some(Plan {
        name: name?,
        level: args.level,
        category: args.category,
        meta,
        guard: args.span,
        crate_path: args.crate_path,
    })
}

/// Whether a function of this kind can hold a guard.
pub(crate) fn is_traceable(signature: &Signature, errors: &mut Errors) -> bool {
    check(check_signature(signature), errors).is_some()
}

fn check_signature(signature: &Signature) -> Result<()> {
    if let Some(constness) = &signature.constness {
        return Err(Error::new(
            constness.span,
            "#[traceme] cannot trace a `const fn`, which must also run at compile time",
        ));
    }
    Ok(())
}

fn check<T>(result: Result<T>, errors: &mut Errors) -> Option<T> {
    result.map_err(|error| errors.push(error)).ok()
}

fn check_level(level: &Expr) -> Result<()> {
    let wrong = || Err(Error::new(level.span(), "a level is an integer from 1 to 255"));
    match ungrouped(level) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) if number.base10_parse::<u64>().is_ok_and(|number| (1..=255).contains(&number)) => Ok(()),
            _ => wrong(),
        },
        _ if is_literal(level) => wrong(),
        _ => Ok(()),
    }
}

fn name_from(name: Expr) -> Result<Name> {
    match ungrouped(&name) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) if text.value().is_empty() => Err(Error::new(text.span(), "a span's name cannot be empty")),
            Lit::Str(text) => Ok(Name::Fixed(text.clone())),
            other => Err(Error::new(other.span(), "a span's name is a string")),
        },
        _ => Ok(Name::Made(Box::new(name))),
    }
}

fn named_after(signature: &Signature) -> Name {
    Name::Fixed(LitStr::new(&signature.ident.unraw().to_string(), signature.ident.span()))
}

fn check_keys(meta: &[MetaArg], errors: &mut Errors) {
    for (index, MetaArg { key, .. }) in meta.iter().enumerate() {
        if meta[..index].iter().any(|earlier| earlier.key.unraw() == key.unraw()) {
            errors.push(Error::new(key.span(), format!("duplicate metadata key `{key}`")));
        }
    }
}

fn check_count(meta: &[MetaArg], name_is_made: bool) -> Result<()> {
    let made = |entry: &&MetaArg| entry.literal().is_none();
    match meta.iter().filter(made).nth(MAX_VALUES - usize::from(name_is_made)) {
        Some(first_too_many) if name_is_made => {
            let message = format!("a span carries at most {MAX_VALUES} values, of which its name is one");
            Err(Error::new(first_too_many.key.span(), message))
        }
        Some(first_too_many) => {
            Err(Error::new(first_too_many.key.span(), format!("a span carries at most {MAX_VALUES} values")))
        }
        None => Ok(()),
    }
}
