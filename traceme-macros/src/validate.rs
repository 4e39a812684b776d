//! Every rule about what the arguments may say and where the attribute may stand. What passes is a [`Plan`].

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Error, Expr, ExprLit, Lit, LitFloat, LitStr, Path};

use crate::alert::Alert;
use crate::arguments::{Pattern, words};
use crate::attributes::Stays;
use crate::diag::Errors;
use crate::function::FnItem;
use crate::signature;
use crate::syntax::{Arg, Args, MetaArg, Shown, is_literal, ungrouped};

/// How many values one span can carry that are made at run time; literals in the source are not among them.
const MAX_VALUES: usize = 14;

const NO_LEVEL: &str = "a level is an integer from 1 to 255";
const NO_RATE: &str = "a rate is a number above 0 and at most 1, as in `rate = 0.01`";

/// What to expand a function to.
pub(crate) struct Plan {
    pub(crate) name: Name,
    pub(crate) level: Option<Expr>,
    pub(crate) category: Option<Path>,
    pub(crate) rate: Option<Expr>,
    pub(crate) meta: Vec<MetaArg>,
    /// The user's name for the guard.
    pub(crate) guard: Option<Ident>,
    pub(crate) ret: Option<Outcome>,
    pub(crate) err: Option<Outcome>,
    pub(crate) alert: Option<Alert>,
    pub(crate) skip_polls: bool,
    /// Of the header of an `async fn`.
    pub(crate) stays: Stays,
    pub(crate) crate_path: Option<Path>,
}

pub(crate) enum Name {
    /// Known at compile time.
    Fixed(LitStr),
    /// Made at run time, if the span is recorded.
    Made(Box<Expr>),
}

/// That the result is recorded, and how.
pub(crate) struct Outcome {
    pub(crate) shown: Shown,
    /// Where it was asked for.
    pub(crate) span: Span,
}

/// What to expand every function in a block to.
pub(crate) struct BlockPlan {
    level: Option<Expr>,
    category: Option<Path>,
    rate: Option<Expr>,
    alert: Option<Alert>,
    skip_polls: bool,
    crate_path: Option<Path>,
}

impl Plan {
    /// A plan without arguments.
    fn bare(function: &FnItem) -> Self {
        Self {
            name: named_after(function),
            level: None,
            category: None,
            rate: None,
            meta: Vec::new(),
            guard: None,
            ret: None,
            err: None,
            alert: None,
            skip_polls: false,
            stays: signature::stays(function),
            crate_path: None,
        }
    }

    /// The plan for a function whose attribute has mistakes: only a guard, if the body may refer to it by name.
    pub(crate) fn only_guard(function: &FnItem, args: &Args) -> Option<Self> {
        let guard = args.span.as_ref().map(|span| span.value.clone());
        let guard = guard.filter(|guard| !function.arguments.iter().any(|argument| argument.name() == Some(guard)));
        let crate_path = args.crate_path.as_ref().map(|path| path.value.clone());
        guard.is_some().then(|| Self { guard, crate_path, ..Self::bare(function) })
    }

    /// All words in what is evaluated when the span begins.
    pub(crate) fn mentioned(&self) -> Vec<Ident> {
        let mut found = Vec::new();
        if let Name::Made(name) = &self.name {
            words(name.to_token_stream(), &mut found);
        }
        for entry in &self.meta {
            match &entry.value {
                Some(value) => words(value.value.to_token_stream(), &mut found),
                None => found.push(entry.key.clone()),
            }
        }
        found
    }

    /// All words in what stands beside that in front of the body.
    pub(crate) fn mentioned_beside(&self) -> Vec<Ident> {
        let mut found = Vec::from_iter(self.guard.clone());
        let expressions = self.level.iter().chain(&self.rate).map(ToTokens::to_token_stream);
        expressions.chain(self.category.iter().map(ToTokens::to_token_stream)).for_each(|part| words(part, &mut found));
        found
    }
}

/// Applies the rules to arguments and to the function, if it is one. The plan is good if no error was added.
pub(crate) fn plan(args: Args, function: Option<&FnItem>, errors: &mut Errors) -> Option<Plan> {
    if let Some(skip) = args.skip.as_ref().filter(|_| !args.is_only_skip()) {
        errors.push_at(skip.place, misplaced_skip(skip));
    }
    if let Some(function) = function {
        signature::check_arguments(&args, function, errors);
    }
    let level = args.level.map(|level| check_level(level, errors));
    let rate = args.rate.map(|rate| check_rate(rate, errors));
    let alert = args.alert.map(|alert| read_alert(&alert, errors));
    let name = match args.name {
        Some(name) => {
            let left = leaves_function(name.value.to_token_stream());
            left.into_iter().for_each(|error| errors.push_at(name.place, error));
            name_from(name, errors)
        }
        None => function.map(named_after),
    };
    if let Some(meta) = &args.meta {
        let is_task = function.is_some_and(|function| function.future.is_some());
        check_count(meta, matches!(name, Some(Name::Made(_))), is_task, errors);
        for entry in &meta.value {
            let value = entry.value.as_ref().map(|value| value.value.to_token_stream());
            value.and_then(leaves_function).into_iter().for_each(|error| errors.push_at(entry.place, error));
        }
    }
    let mut plan = Plan {
        name: name?,
        level,
        category: args.category.map(|category| category.value),
        rate,
        meta: args.meta.map(|meta| meta.value).unwrap_or_default(),
        guard: args.span.map(|span| span.value),
        ret: args.ret.map(Outcome::new),
        err: args.err.map(Outcome::new),
        alert: alert.flatten(),
        skip_polls: args.skip_polls.is_some(),
        stays: function.map_or(Stays::Nothing, signature::stays),
        crate_path: args.crate_path.map(|path| path.value),
    };
    if let Some(function) = function {
        // These variables there are only inside.
        let inside = function
            .arguments
            .iter()
            .filter(|argument| matches!(argument.pattern(), Pattern::Unused(_) | Pattern::Other));
        let mut bound = Vec::new();
        inside.for_each(|argument| words(argument.pattern.iter().cloned().collect(), &mut bound));
        if !bound.is_empty() && plan.mentioned().iter().any(|word| bound.contains(word)) {
            plan.stays = Stays::All;
        }
    }
    Some(plan)
}

/// Applies the rules to the arguments of a block. The plan is good if no error was added.
pub(crate) fn block(args: Args, errors: &mut Errors) -> BlockPlan {
    if let Some(skip) = args.skip.as_ref().filter(|_| !args.is_only_skip()) {
        errors.push_at(skip.place, misplaced_skip(skip));
    }
    for (key, place) in args.of_one_function() {
        let message = format!("`{key}` is for one function: put it on the function");
        errors.push_at(place, Error::new(key.span(), message));
    }
    BlockPlan {
        level: args.level.map(|level| check_level(level, errors)),
        category: args.category.map(|category| category.value),
        rate: args.rate.map(|rate| check_rate(rate, errors)),
        alert: args.alert.and_then(|alert| read_alert(&alert, errors)),
        skip_polls: args.skip_polls.is_some(),
        crate_path: args.crate_path.map(|path| path.value),
    }
}

impl BlockPlan {
    /// The plan for one of the functions; `None` if it is of a kind that is left out.
    ///
    /// `around` is what has to stay of its header for the sake of attributes on the block.
    pub(crate) fn function(&self, function: &FnItem, around: Stays, errors: &mut Errors) -> Option<Plan> {
        signature::check_kind(function).ok()?;
        if let (Some(_), Some(_)) = (&self.alert, function.future) {
            let message = "the `alert` of the block is not for functions that give a future: \
                           put a #[traceme] of its own on this one";
            errors.push(Error::new(function.name.span(), message));
            return None;
        }
        let bare = Plan::bare(function);
        Some(Plan {
            level: self.level.clone(),
            category: self.category.clone(),
            rate: self.rate.clone(),
            alert: self.alert.clone(),
            skip_polls: self.skip_polls,
            stays: bare.stays.max(around),
            crate_path: self.crate_path.clone(),
            ..bare
        })
    }
}

impl Outcome {
    fn new(argument: Arg<Shown>) -> Self {
        Self { shown: argument.value, span: argument.key.span() }
    }
}

fn misplaced_skip(skip: &Arg<()>) -> Error {
    Error::new(skip.key.span(), "`skip` means that nothing is recorded: remove it or the other arguments")
}

fn check_level(level: Arg<Expr>, errors: &mut Errors) -> Expr {
    let wrong = match ungrouped(&level.value) {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => match number.suffix() {
            "" | "u8" if !number.base10_parse::<u64>().is_ok_and(|number| (1..=255).contains(&number)) => {
                Some(NO_LEVEL)
            }
            "" | "u8" => None,
            _ => Some("a level is an integer from 1 to 255, a `u8`: leave the suffix out"),
        },
        Expr::Lit(_) => Some(NO_LEVEL),
        value => is_literal(value).then_some(NO_LEVEL),
    };
    if let Some(message) = wrong {
        errors.push_at(level.place, Error::new_spanned(&level.value, message));
    }
    level.value
}

fn check_rate(rate: Arg<Expr>, errors: &mut Errors) -> Expr {
    if let Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) = ungrouped(&rate.value) {
        if number.to_string() == "1" {
            let whole = LitFloat::new("1.0", number.span());
            return Expr::Lit(ExprLit { attrs: Vec::new(), lit: Lit::Float(whole) });
        }
    }
    let is_part = |digits: &str| digits.parse().is_ok_and(|rate: f64| rate > 0.0 && rate <= 1.0);
    let wrong = match ungrouped(&rate.value) {
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) => match number.suffix() {
            "" | "f64" => (!is_part(number.base10_digits())).then_some(NO_RATE),
            _ => Some("a rate is an `f64`: leave the suffix out"),
        },
        value => is_literal(value).then_some(NO_RATE),
    };
    if let Some(message) = wrong {
        errors.push_at(rate.place, Error::new_spanned(&rate.value, message));
    }
    rate.value
}

fn read_alert(alert: &Arg<Expr>, errors: &mut Errors) -> Option<Alert> {
    let read = Alert::read(ungrouped(&alert.value));
    read.map_err(|error| errors.push_at(alert.place, error)).ok()
}

fn name_from(name: Arg<Expr>, errors: &mut Errors) -> Option<Name> {
    let wrong = match ungrouped(&name.value) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) if text.value().is_empty() => Error::new(text.span(), "a span's name cannot be empty"),
            Lit::Str(text) => return Some(Name::Fixed(text.clone())),
            other => Error::new(other.span(), "a span's name is a string"),
        },
        value if is_literal(value) => Error::new_spanned(value, "a span's name is a string"),
        _ => return Some(Name::Made(Box::new(name.value))),
    };
    errors.push_at(name.place, wrong);
    None
}

fn named_after(function: &FnItem) -> Name {
    Name::Fixed(LitStr::new(&function.name.unraw().to_string(), function.name.span()))
}

/// What in an expression would leave the function, but only while the span is recorded. Nothing is said of one with a `|`,
/// which may begin a closure.
fn leaves_function(expression: TokenStream) -> Option<Error> {
    if find(expression.clone(), &|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '|')).is_some() {
        return None;
    }
    let leaving = find(expression, &|token| match token {
        TokenTree::Ident(word) => word == "return",
        token => matches!(token, TokenTree::Punct(punct) if punct.as_char() == '?'),
    })?;
    let message = format!("`{leaving}` would leave the function, but only while it is recorded: do it in the body");
    Some(Error::new(leaving.span(), message))
}

fn find(tokens: TokenStream, is_wanted: &impl Fn(&TokenTree) -> bool) -> Option<TokenTree> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Group(group) => find(group.stream(), is_wanted),
        token => is_wanted(&token).then_some(token),
    })
}

fn check_count(meta: &Arg<Vec<MetaArg>>, name_is_made: bool, is_task: bool, errors: &mut Errors) {
    let made = |entry: &&MetaArg| entry.literal().is_none();
    let others = usize::from(name_is_made) + usize::from(is_task);
    let Some(first_too_many) = meta.value.iter().filter(made).nth(MAX_VALUES - others) else {
        return;
    };
    let rest = match (is_task, name_is_made) {
        (false, false) => "",
        (false, true) => ", of which its name is one",
        (true, false) => ", of which the task around it is one",
        (true, true) => ", of which its name and the task around it are two",
    };
    let message = format!("a span carries at most {MAX_VALUES} values{rest}");
    errors.push_at(first_too_many.place, Error::new(first_too_many.key.span(), message));
}
