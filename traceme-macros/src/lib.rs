//! The attribute macro of [traceme](https://docs.rs/traceme), which re-exports it: depend on that crate.
//!
//! What enters is the attribute's arguments and the item below it; what leaves is the same item, each function of which
//! has its guard, or the errors and the item as it was. In between, in order: `syntax` reads what was written (`item`
//! finds where items begin and end), `validate` and `signature` apply every rule and make a plan, `expand` turns the
//! plan for one function into tokens, `block` does so for all functions in a block, and `fallback` if there were errors.
//! Bodies are carried along: looked at are their inner attributes and, where a future is returned, what leaves them.

mod alert;
mod arguments;
mod attributes;
mod block;
mod diag;
mod expand;
mod fallback;
mod function;
mod future;
mod impls;
mod item;
mod lints;
mod patterns;
mod signature;
mod syntax;
#[cfg(test)]
mod tests;
mod validate;

use proc_macro2::TokenStream;

use syn::Error;

use crate::attributes::Stays;
use crate::diag::Errors;
use crate::function::FnItem;
use crate::item::{Item, Kind};
use crate::syntax::{ARGUMENTS, Args, OF_BLOCKS};
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
/// Which functions to annotate, at which level, and what not to record of them:
/// [the guide](https://docs.rs/traceme/latest/traceme/guide/instrumenting/).
///
/// # Arguments
///
/// All are optional, in any order, each at most once.
///
/// | argument | what it becomes in a trace |
/// |---|---|
/// | `level = 2` | The span's level, a constant that names neither `Self` nor a generic: `Level::INFO` works too. Without it the level is 1. |
/// | `name = "load"` | The span's name. Without it the span is named after the function. |
/// | `name = format!("load_{id}")` | A name made at run time, and only if the span is recorded. |
/// | `category = IO` | The span's category: the path of a constant, as `categories!` makes them. |
/// | `rate = 0.01` | The part of its spans that is recorded, a constant above 0 and up to 1: an `f64`. For names in the source. |
/// | `meta(size = data.len())` | Metadata; the value is any expression of a type that implements `Value`. |
/// | `meta(path = %path)` | Metadata; the value as `Display` writes it. |
/// | `meta(request = ?request)` | Metadata; the value as `Debug` writes it. |
/// | `meta(n)` | Short for `meta(n = n)`. |
/// | `ret` | What the function returns, as `Debug` writes it; also `ret(Debug)`. |
/// | `ret(Display)`, `ret(Value)` | The same as `Display` writes it; as a value of a type that implements `Value`. |
/// | `err` | The error of a `Result`, as `Display` writes it, and that the span failed; also `err(Display)`. |
/// | `err(Debug)` | The same as `Debug` writes it. |
/// | `alert = "5ms"` | The span is flagged if it takes as long or longer: a number, such as `1.5`, and `ns`, `us`, `ms` or `s`. |
/// | `span = s` | The span's guard is called `s` in the body, for `append!(s, rows = rows)`. |
/// | `skip_polls` | Of a future, only the whole is recorded, and no poll. |
/// | `crate = my_crate::traceme` | Where the crate traceme is found, if not at `::traceme`. |
/// | `skip` | Nothing: alone, in an annotated block, it leaves out what it stands on. |
///
/// Metadata is evaluated once a call, from left to right, before the body, and only if the span is recorded. The
/// arguments of the function are not captured unless they are named here. A span carries at most 14 values that are
/// not literals; a name made at run time is one of them.
///
/// Results are recorded, as metadata `ret` and `err`, when the body is through; and only if the span is recorded, else
/// nothing is formatted. With both, `ret` is what is in the `Ok`.
///
/// ```
/// use traceme::{Session, traceme};
///
/// #[traceme(ret, err(Debug), alert = "30s")]
/// fn parse(text: &str) -> Result<u64, std::num::ParseIntError> {
///     text.parse()
/// }
///
/// let session = Session::start(1)?;
/// parse("12").expect("a number");
/// parse("x").expect_err("no number");
/// let text = session.stop().text().to_string();
///
/// assert!(text.contains("parse ret=\"12\""), "{text}");
/// assert!(text.contains("parse err=\"ParseIntError { kind: InvalidDigit }\" (failed)"), "{text}");
/// # Ok::<(), traceme::Error>(())
/// ```
///
/// A span that reached its alert is flagged in texts, summaries and exports, and a session tells its `on_alert` handlers, as
/// far as they keep up: `Trace::missed_alerts`.
///
/// # Grammar
///
/// ```text
/// attribute = "#[traceme]" | "#[traceme(" [ argument { "," argument } [ "," ] ] ")]"
/// argument  = "level" "=" EXPRESSION
///           | "name" "=" EXPRESSION
///           | "category" "=" PATH
///           | "rate" "=" EXPRESSION
///           | "meta" "(" [ entry { "," entry } [ "," ] ] ")"
///           | "ret" [ "(" ( "Value" | "Display" | "Debug" ) ")" ]
///           | "err" [ "(" ( "Display" | "Debug" ) ")" ]
///           | "alert" "=" '"' DIGITS [ "." DIGITS ] ( "ns" | "us" | "µs" | "ms" | "s" ) '"'
///           | "span" "=" NAME
///           | "skip_polls"
///           | "crate" "=" PATH
///           | "skip"
/// entry     = KEY "=" [ "%" | "?" ] EXPRESSION | NAME
/// ```
///
/// # On blocks
///
/// On an `impl`, a `trait` or a `mod` with braces, the attribute annotates every function in there that has a body, as
/// if it stood on each of them: with `level`, `category`, `rate`, `alert` and `crate`, which mean the same for many functions.
/// Blocks inside a module are reached too.
///
/// ```
/// use traceme::{Session, traceme};
///
/// struct Queue(Vec<u64>);
///
/// #[traceme(level = 2)]
/// impl Queue {
///     fn push(&mut self, item: u64) {
///         if self.len() < 100 {
///             self.0.push(item);
///         }
///     }
///
///     #[traceme(name = "queue", level = 1)]
///     fn drain(&mut self) -> u64 {
///         self.0.drain(..).sum()
///     }
///
///     #[traceme(skip)]
///     fn len(&self) -> usize {
///         self.0.len()
///     }
/// }
///
/// let session = Session::start(2)?;
/// let mut queue = Queue(Vec::new());
/// queue.push(1);
/// queue.drain();
/// let trace = session.stop();
///
/// let names: Vec<_> = trace.spans().map(|span| span.name().to_string()).collect();
/// assert_eq!(names, ["push", "queue"]);
/// # Ok::<(), traceme::Error>(())
/// ```
///
/// What has a `#[traceme]` of its own is left to that, be it a function or a block inside; so is what may get one by
/// `cfg_attr`. `#[traceme(skip)]`, on a function or a block inside, leaves it out. Left out by themselves are functions
/// without a body, `const fn`s, which also run at compile time, naked functions, functions inside functions, and
/// what is in `extern` blocks and in calls and definitions of macros; and functions of a syntax so new that this crate
/// doesn't know it. Paths in arguments are looked up where the functions are: in a module, `category = IO` needs a
/// `use` in there, or `crate::IO`. A module, or a function, with `mod name;` inside cannot be annotated: the compiler refuses
/// that. Inside a block, the attribute is known by its name: imported as another one it is not seen.
///
/// # Expands to
///
/// The function as it was, with its body inside the span. This
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
/// becomes in effect this, in which the name of the guard is one that the body cannot see:
///
/// ```
/// # #![allow(unused_parens)]
/// fn checksum(data: &[u8]) -> u8 {
///     {
///         let guard = ::traceme::span!("checksum", level = 2, meta(size = data.len()));
///         ({
///             data.iter().fold(0, |sum, byte| sum ^ byte)
///         })
///     }
/// }
/// # assert_eq!(checksum(&[1, 3]), 2);
/// ```
///
/// But for `ret` and `err`, everything is dropped in the order of the bare function. Variables and temporaries of the body, also those of its last
/// expression, are dropped inside the span, in every edition; the arguments after it. So the span ends, however the
/// function is left: by its last expression, by `return`, by `?` or by a panic, of which the span is flagged.
///
/// With `ret` or `err` the body is a closure that is called once, so that `return` and `?` come back to where the result
/// is recorded. This
///
/// ```
/// # use traceme::traceme;
/// #[traceme(ret, err)]
/// fn parse(text: &str) -> Result<u64, std::num::ParseIntError> {
///     Ok(text.parse::<u64>()? + 1)
/// }
/// # assert_eq!(parse("1"), Ok(2));
/// ```
///
/// becomes, but for the flag on the span that failed:
///
/// ```
/// fn parse(text: &str) -> Result<u64, std::num::ParseIntError> {
///     let guard = ::traceme::span!("parse");
///     let result = (|| -> Result<u64, std::num::ParseIntError> {
///         Ok(text.parse::<u64>()? + 1)
///     })();
///     match &result {
///         Ok(value) => ::traceme::append!(guard, ret = ?value),
///         Err(error) => ::traceme::append!(guard, err = %error),
///     }
///     result
/// }
/// # assert_eq!(parse("1"), Ok(2));
/// ```
///
/// So the order of drops is not quite that of the bare function. An argument that the body moves on some ways only, and not
/// on this one, is dropped at the end of the closure, inside the span; so is one that is `mut`, if it or the result holds
/// a reference; several of them in the order in which the body names them. With `span = s` the body has a reference to the
/// guard, which it can't end: the result is appended to its span. A `Debug` or `Display` that panics is a panic of the
/// function, and its result is dropped. The closure takes the compiler longer than a plain span, and each call some more
/// of the stack.
///
/// With the feature `enable` of traceme off, nothing of this is left but the body.
///
/// # Async functions
///
/// An `async fn` is recorded as a task: from the call until the future is ready, or is dropped, which marks it as
/// cancelled; and each of its polls, as a span of the thread that polls, unless there is `skip_polls`. So is a function
/// that returns `impl Future`, `Pin<Box<dyn Future>>` or a `BoxFuture`, as those that `async_trait` makes do.
///
/// ```
/// use traceme::trace::TrackKind;
/// use traceme::{Session, append, traceme};
///
/// #[traceme(meta(id), err, span = task)]
/// async fn fetch(id: u32) -> Result<String, std::num::TryFromIntError> {
///     let short: u8 = id.try_into()?;
///     append!(task, short);
///     Ok(short.to_string())
/// }
///
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     let mut future = std::pin::pin!(future);
/// #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// #     loop {
/// #         if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
/// #             return output;
/// #         }
/// #     }
/// # }
/// let session = Session::start(1)?;
/// block_on(fetch(4)).expect("it is short");
/// block_on(fetch(400)).expect_err("it is not");
/// let trace = session.stop();
///
/// let tasks: Vec<_> = trace.spans().filter(|span| span.track().kind == TrackKind::Task).collect();
/// assert_eq!((tasks.len(), tasks[0].name()), (2, "fetch".into()));
/// assert!(tasks[1].flags().is_failed());
/// let text = trace.text().to_string();
/// assert!(text.contains("fetch id=4 short=4\n"), "{text}");
/// # Ok::<(), traceme::Error>(())
/// ```
///
/// It becomes in effect `fn fetch(id: u32) -> impl Future<Output = ..>`, whose future is `traced!(async move { .. })`.
/// Metadata and the name are evaluated when the function is called, not at the first poll, and nothing of them is kept: the
/// future is at most 24 bytes larger, nothing is allocated, and it is `Send` if the bare one is. Arguments and
/// variables are dropped inside the task, in the order of the bare function, also with `ret` and `err`. The name that
/// `span = s` gives is a `TaskSpan`, which can be copied and sent.
///
/// The header of an `async fn` stays as it is, and the task begins at the first poll, where something else looks at that
/// header: an attribute below this one that is of another library (`#[tokio::main]`, `#[async_trait]`), `#[must_use]`; a
/// function that returns `!`; an `impl` among the arguments with a lifetime without a name (`impl Executor<'_>`);
/// metadata of variables from a pattern among the arguments. The future is then larger by those arguments, too, that it does
/// not keep; arguments that are patterns, `_` too, can be dropped behind the task, but for `#[must_use]` and `!`, with which
/// they are stored once more if there is anything in them but tuples, names and `_`; and chains of such functions reach the
/// compiler's recursion limit sooner: at 20 instead of 31.
///
/// A function that returns any other type is a function like any other, also if the type is a future (`JoinHandle`), stands
/// behind an alias, or has further traits (`impl Future + Clone`): its span ends when it returns. If a function in a
/// `Pin<Box<dyn Future>>` doesn't end with `Box::pin(..)`, a second box is put around it while it is recorded.
///
/// # Errors
///
/// Every mistake is a compile error at the token that is wrong, all of them at once; and the item stays, so that no
/// further error follows. It is one
///
/// - to name an argument that does not exist, or to give one twice; the message says which one may have been meant, and
///   what there is instead of the arguments that such attributes of other libraries have;
/// - a literal level outside 1 to 255, an empty name, a time of an alert that is 0 or has no unit;
/// - a metadata key given twice, or too many values; a `return` or `?` in metadata or a name, which would leave the function
///   only while it is recorded;
/// - to put the attribute on anything but a function with a body or a block of functions; on a `const fn`;
/// - `ret` or `err` on a `#[track_caller]` function, whose body would take a closure of ours for its caller, and on one
///   that returns an `impl Trait`, whose type that closure could not name; `err` where no `Result` is returned;
/// - `alert` on a function that gives a future, `skip_polls` on one that gives none;
/// - `name`, `meta`, `span`, `ret` or `err` on a block; `skip` with anything else; a `span` of an argument's name.
#[proc_macro_attribute]
pub fn traceme(arguments: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    annotate(arguments.into(), item.into()).into()
}

fn annotate(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let item = Item::whole(item);
    let known = if item.kind == Kind::Block { &OF_BLOCKS[..] } else { &ARGUMENTS };
    let args = Args::read(arguments, known, &mut errors);
    if args.is_only_skip() && matches!(item.kind, Kind::Function | Kind::Block) && !errors.has_any() {
        // A block around it has left it out and this mark alone, as it does with one that it can't recognise: in a
        // `cfg_attr`, or by another name.
        errors.finish();
        return item.into_tokens();
    }
    match item.kind {
        Kind::Function => annotate_function(args, item, errors),
        Kind::Block => annotate_block(args, item, errors),
        Kind::FileModule => {
            let message =
                "#[traceme] cannot see what is in another file: put it on the functions or `impl` blocks there";
            annotate_nothing(args, item, message, errors)
        }
        Kind::Other => {
            let message =
                "#[traceme] is for functions, and for `impl`, `trait` and `mod` blocks with functions in them";
            annotate_nothing(args, item, message, errors)
        }
        // The compiler refuses all attribute macros here, and has said so.
        Kind::NoItem => {
            errors.finish();
            item.into_tokens()
        }
    }
}

fn annotate_function(args: Args, item: Item, mut errors: Errors) -> TokenStream {
    let item = item.into_tokens();
    let function = FnItem::read(item.clone()).and_then(|function| {
        signature::check_once(&function.attributes)?;
        signature::check_kind(&function)?;
        Ok(function)
    });
    let function = function.map_err(|error| errors.push(error)).ok();
    let only_guard = function.as_ref().and_then(|function| Plan::only_guard(function, &args));
    let plan = validate::plan(args, function.as_ref(), &mut errors);
    match (errors.finish(), function, plan) {
        (None, Some(function), Some(plan)) => expand::expand(&function, &plan),
        (errors, Some(function), _) => fallback::function(errors, item, only_guard.map(|plan| (function, plan))),
        (errors, None, _) => fallback::item(errors, item),
    }
}

fn annotate_block(args: Args, item: Item, mut errors: Errors) -> TokenStream {
    let mut plan = Some(validate::block(args, &mut errors));
    if let Err(error) = signature::check_once(&item.attributes()) {
        errors.push(error);
    }
    if errors.has_any() {
        plan = None;
    }
    let block = block::expand(item, plan.as_ref(), Stays::Nothing, &mut errors);
    fallback::item(errors.finish(), block)
}

fn annotate_nothing(args: Args, item: Item, message: &str, mut errors: Errors) -> TokenStream {
    errors.push(Error::new(item.word, message));
    validate::plan(Args { skip: None, ..args }, None, &mut errors);
    fallback::item(errors.finish(), item.into_tokens())
}
