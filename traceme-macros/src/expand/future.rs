//! Functions that give a future: it becomes a task, which begins when the function is called.

use std::ops::Range;

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::arguments::{Argument, Pattern, words};
use crate::attributes::Stays;
use crate::expand::{at, located, outcome, used};
use crate::function::{FnItem, Header, braces};
use crate::future::{Future, boxed_at_the_end, may_return};
use crate::impls;
use crate::item::{is_path, is_punct, refilled};
use crate::lints::{allowed, without_expectations};
use crate::patterns::{Parts, parts};
use crate::validate::Plan;

/// The header of the function, and what stands in the braces of this site.
///
/// ```text
/// fn name(&self, a: A, __arg2: B) -> impl Future<Output = R> {   from `async fn name(&self, mut a: A, (b, c): B) -> R`
///     {
///         let task = <begin>;
///         <wrap>!(task async move {
///             if false { let _ = &self; }        has the block own all of it
///             match self { _ => {} }             and has it count as used
///             let mut a = a;                     as the compiler does it: in this order, and all that is unused
///             let __arg2 = __arg2;
///             let (b, c) = __arg2;
///             if false { return <R>; }           what the compiler knows of an `async fn`, and not of a block
///             ({ .. })                           the user's braces and statements, untouched
///         })
///     }
/// }
/// ```
///
/// Where the header says `async` still, the block owns the arguments as they are called there, and tuples are taken apart in
/// front of it. From the first one on that is another pattern they are variables as above: unless the patterns stay in the
/// header, too. All that is there only where recording is compiled in: else the patterns are where they were written.
pub(super) fn as_a_task(
    function: &FnItem,
    plan: &Plan,
    future: Future,
    traceme: &TokenStream,
) -> (TokenStream, TokenStream) {
    let site = Span::mixed_site();
    let task = Ident::new("__traceme_task", site);
    let skip_polls = plan.skip_polls.then(|| Ident::new("skip_polls", site));
    let parts = super::parts(plan, traceme);
    let named = plan.guard.as_ref().map(|guard| {
        let used = used(guard);
        let value = if used.is_some() { task.to_token_stream() } else { with_effect(&task) };
        quote_spanned!(site=> let #guard = #value; #used)
    });
    let outside = if future == Future::Async { outside(function, plan) } else { Vec::new() };
    let bare = bare(function, plan, outside.len());
    let writer = Writer { function, plan, traceme, task, result: outcome(plan, traceme), outside, bare };
    let (header, traced) = match future {
        Future::Async if plan.stays == Stays::Nothing => (writer.header_of_a_future(), writer.around()),
        Future::Async => (writer.header_with_names(), writer.within()),
        Future::Opaque => (writer.header(), writer.opaque()),
        Future::Boxed => (writer.header(), writer.boxed()),
    };
    let (task, apart) = (&writer.task, writer.taken_apart());
    let begin = quote_spanned!(site=> let #task = #traceme::__record_task!([#skip_polls] #parts););
    (header, quote_spanned!(site=> #apart #begin #named #traced))
}

struct Writer<'a> {
    function: &'a FnItem,
    plan: &'a Plan,
    traceme: &'a TokenStream,
    task: Ident,
    /// What is recorded of the result.
    result: Option<TokenStream>,
    /// The arguments that the block owns, in their parts: the others are variables of it.
    outside: Vec<Parts>,
    /// How many arguments have their patterns in the header if recording is compiled out: these, and further ones.
    bare: usize,
}

fn outside(function: &FnItem, plan: &Plan) -> Vec<Parts> {
    let arguments = function.arguments.iter();
    match plan.stays {
        Stays::Nothing => Vec::new(),
        Stays::Async => {
            let others = plan.mentioned_beside();
            let is_there = |argument: &Argument| argument.variable().is_some() || may_be_bare(argument, &others);
            let arguments = arguments.enumerate().take_while(|(_, argument)| is_there(argument));
            arguments.map_while(|(index, argument)| parts(argument, &moved(function, index, argument))).collect()
        }
        Stays::All => {
            let variables = arguments.map(|argument| argument.variable().into_iter().cloned().collect());
            variables.map(|variables| Parts { pattern: None, variables }).collect()
        }
    }
}

fn bare(function: &FnItem, plan: &Plan, outside: usize) -> usize {
    let others = plan.mentioned_beside();
    let further = function.arguments[outside..].iter().take_while(|argument| may_be_bare(argument, &others)).count();
    if plan.stays == Stays::Async { outside + further } else { outside }
}

/// Whether its pattern can stand in the header on a condition. What it makes must not be there before the body where something
/// else is meant, and what is expected of it has to be found on either condition.
fn may_be_bare(argument: &Argument, others: &[Ident]) -> bool {
    let (mut pattern, mut attributes) = (Vec::new(), Vec::new());
    words(argument.pattern.iter().cloned().collect(), &mut pattern);
    words(argument.attributes.iter().cloned().collect(), &mut attributes);
    let hides = argument.variable().is_none() && pattern.iter().any(|word| others.contains(word));
    !hides && attributes.iter().all(|word| word != "expect")
}

/// What an argument is called before its pattern takes it apart: in documentation as that of the bare function, if it can
/// be. A macro may have written two of the same name.
fn moved(function: &FnItem, index: usize, argument: &Argument) -> Ident {
    let span = at(&argument.pattern.iter().cloned().collect::<TokenStream>());
    let named = |name| function.arguments.iter().filter(|other| other.name() == Some(name)).count();
    let own = argument.name().filter(|name| named(name) == 1);
    let mut moved = own.cloned().unwrap_or_else(|| Ident::new(&format!("__arg{index}"), span));
    moved.set_span(span);
    moved
}

impl Writer<'_> {
    fn header(&self) -> TokenStream {
        without_expectations(&self.function.header.tokens).into_iter().collect()
    }

    fn header_with_names(&self) -> TokenStream {
        let Header { tokens, arguments, .. } = &self.function.header;
        let token = |(index, token): (usize, &TokenTree)| match token {
            TokenTree::Group(group) if index == *arguments => self.arguments(group).into(),
            token => token.clone(),
        };
        let mut changed = allowed(self.function, self.plan.stays);
        changed.extend(without_expectations(tokens).iter().enumerate().map(token));
        changed
    }

    /// The header of an `async fn` as that of a function that gives a future. Its `impl` is of this crate's edition, in which
    /// it holds all that a function may hold, as an `async fn` does in every edition.
    fn header_of_a_future(&self) -> TokenStream {
        let header = &self.function.header;
        let output = self.output();
        let mut tokens = allowed(self.function, Stays::Nothing);
        for (index, token) in without_expectations(&header.tokens).iter().enumerate() {
            match token {
                _ if Some(index) == header.asyncness => {}
                TokenTree::Group(arguments) if index == header.arguments => {
                    tokens.extend([TokenTree::Group(self.arguments(arguments))]);
                    tokens.extend(quote_spanned!(at(&output)=> -> impl ::core::future::Future<Output = #output));
                    // The compiler shows a header up to here.
                    tokens.extend(quote_spanned!(last(&output, arguments)=> >));
                }
                _ if (header.arguments..header.end).contains(&index) => {}
                token => tokens.extend([token.clone()]),
            }
        }
        tokens
    }

    /// The arguments as far as they are there before the body is: with names, and nothing that is `mut`.
    fn arguments(&self, written: &Group) -> Group {
        let is_kept = |(index, argument): (usize, &Argument)| match argument.pattern() {
            Pattern::Receiver(_) => true,
            Pattern::Other => self.plan.stays == Stays::All,
            Pattern::Name(_) | Pattern::Unused(_) if index < self.outside.len() => true,
            Pattern::Name(_) => argument.attributes.is_empty() && argument.pattern.len() == 1,
            Pattern::Unused(_) => false,
        };
        if self.function.arguments.iter().enumerate().all(is_kept) {
            return written.clone();
        }
        let traceme = self.traceme;
        let arguments = self.function.arguments.iter().enumerate().map(|(index, argument)| {
            let Argument { attributes, pattern, rest } = argument;
            let conditions = argument.conditions();
            match argument.pattern() {
                Pattern::Receiver(_) => quote!(#(#attributes)* #(#pattern)* #(#rest)*),
                Pattern::Name(_) | Pattern::Unused(_) if index < self.outside.len() => {
                    quote!(#(#attributes)* #(#pattern)* #(#rest)*)
                }
                Pattern::Name(name) if index >= self.bare || pattern.len() == 1 => quote!(#conditions #name #(#rest)*),
                kind => {
                    let moved = moved(self.function, index, argument);
                    let name = if let Pattern::Name(name) = kind { name } else { &moved };
                    if index >= self.bare {
                        return quote!(#conditions #name #(#rest)*);
                    }
                    let argument = quote_spanned!(at(name)=> #traceme::__argument!([#(#pattern)*] #name));
                    quote!(#(#attributes)* #argument #(#rest)*)
                }
            }
        });
        refilled(written, quote!(#(#arguments),*))
    }

    /// The same as variables of the body.
    fn variables(&self, which: Range<usize>) -> TokenStream {
        let mentioned = self.plan.mentioned();
        let variables = which.clone().zip(&self.function.arguments[which]).map(|(index, argument)| {
            let Argument { attributes, pattern, .. } = argument;
            match argument.pattern() {
                Pattern::Receiver(_) => TokenStream::new(),
                Pattern::Name(name) => {
                    let used = mentioned.contains(name).then(|| used(name));
                    quote_spanned!(at(name)=> #(#attributes)* let #(#pattern)* = #name; #used)
                }
                Pattern::Unused(_) | Pattern::Other => {
                    let (conditions, name) = (argument.conditions(), moved(self.function, index, argument));
                    let is_unused = matches!(argument.pattern(), Pattern::Unused(_));
                    let value = if is_unused { with_effect(&name) } else { name.to_token_stream() };
                    let variable = quote!(#(#attributes)* let #(#pattern)*);
                    quote_spanned!(at(&name)=> #conditions let #name = #name; #variable = #value;)
                }
            }
        });
        variables.collect()
    }

    fn receiver(&self) -> Option<&Ident> {
        self.function.arguments.iter().find_map(|argument| match argument.pattern() {
            Pattern::Receiver(this) => Some(this),
            _ => None,
        })
    }

    /// Takes the tuples apart that the block then owns: in front of all that could panic, so that nothing is kept of them.
    fn taken_apart(&self) -> TokenStream {
        let outside = self.outside.iter().zip(self.function.arguments.iter().enumerate());
        let taken_apart = outside.filter_map(|(Parts { pattern, .. }, (index, argument))| {
            let (pattern, name) = (pattern.as_ref()?, moved(self.function, index, argument));
            let attributes = &argument.attributes;
            Some(quote_spanned!(at(&name)=> #(#attributes)* let #pattern = #name;))
        });
        self.compiled_in(taken_apart.collect())
    }

    /// What is left out where recording is compiled out.
    fn compiled_in(&self, what: TokenStream) -> TokenStream {
        let traceme = self.traceme;
        if what.is_empty() { what } else { quote_spanned!(Span::mixed_site()=> #traceme::__compiled_in! { #what }) }
    }

    /// What the body is to own, whole, in the order in which it is then dropped, behind its variables.
    fn whole(&self) -> TokenStream {
        let outside = self.outside.iter().zip(&self.function.arguments).rev();
        let names = outside.flat_map(|(Parts { variables, .. }, argument)| {
            let conditions = argument.conditions();
            variables.iter().map(move |name| quote!(#conditions #name))
        });
        // Not where its attributes say.
        quote!([#(#names)*])
    }

    fn output(&self) -> TokenStream {
        let nothing = || quote_spanned!(at(&self.function.name)=> ());
        self.function.output.clone().unwrap_or_else(nothing)
    }

    /// Tells the compiler what the body gives, as far as that has a name. It goes behind the variables: where something might
    /// return before all of them are there, the future would keep in mind which are.
    fn returned(&self) -> Option<TokenStream> {
        let output = impls::inferred(&self.output());
        if output.to_string() == "_" {
            return None;
        }
        let traceme = located(self.traceme, at(&output));
        // As if the user had written it: where a type is wrong, this is shown.
        let result = Ident::new("__traceme_result", output.span());
        Some(quote_spanned!(at(&output)=> let #result = #traceme::__private::never::<#output>(); return #result;))
    }

    fn body(&self) -> TokenStream {
        let block = &self.function.body.block;
        quote_spanned!(at(block)=> (#block))
    }

    /// The future around a body that was that of an `async fn`.
    fn around(&self) -> TokenStream {
        let site = Span::mixed_site();
        let Self { traceme, task, result, .. } = self;
        // The one has the block own all of it, the other is no use of it that is evaluated, but that counts.
        let this = self.receiver().map(|this| quote_spanned!(site=> let _ = &#this;));
        let read = self.receiver().and_then(used);
        let (whole, returned) = (if_false(this), if_false(self.returned()));
        let (variables, body) = (self.variables(0..self.function.arguments.len()), self.body());
        let inside = quote_spanned!(site=> #whole #read #variables #returned #body);
        let block = braces(at(&self.function.body.block), inside);
        let output = result.is_some().then(|| self.output()).map(|output| quote_spanned!(site=> [#output]));
        let how = quote_spanned!(site=> #task [future #output] [#result]);
        // What the compiler says of the future as a whole is said where the body is.
        let at = at(&self.function.body.block);
        let traceme = located(traceme, at);
        quote_spanned!(at=> #traceme::__as_task!(#how async move #block))
    }

    /// The body of an `async fn` that stays one.
    fn within(&self) -> TokenStream {
        let site = Span::mixed_site();
        let Self { traceme, task, result, .. } = self;
        let (whole, output, body) = (self.whole(), self.output(), self.body());
        let mut variables = self.compiled_in(self.variables(self.outside.len()..self.bare));
        variables.extend(self.variables(self.bare..self.function.arguments.len()));
        let (how, returned) =
            if self.function.never_returns() { ("never", None) } else { ("within", if_false(self.returned())) };
        let how = Ident::new(how, site);
        quote_spanned!(site=> #traceme::__as_task! { #task [#how #whole [#output]] [#result] #variables #returned #body })
    }

    /// What returns an `impl Future`.
    fn opaque(&self) -> TokenStream {
        let Self { traceme, task, result, .. } = self;
        let (owned, block) = (&self.function.owned, &self.function.body.block);
        if may_return(block.stream()) {
            let parts = quote_spanned!(Span::mixed_site()=> #task [call [#(#owned)*]] [#result] #block);
            return quote_spanned!(Span::mixed_site()=> #traceme::__as_task!(#parts));
        }
        self.future(self.body())
    }

    /// What returns a future in a pinned box. If it is put there at the end, the task is around it in there.
    fn boxed(&self) -> TokenStream {
        let site = Span::mixed_site();
        let Self { function, traceme, task, result, .. } = self;
        let block = &function.body.block;
        if let Some((before, pinned)) = boxed_at_the_end(block.stream()) {
            let mut future: Vec<_> = pinned.stream().into_iter().collect();
            if future.last().is_some_and(|last| is_punct(last, ',')) {
                future.pop();
            }
            // Statements before it can panic.
            let life = (!before.iter().all(is_path)).then(|| Ident::new("__traceme_life", site));
            let begun = life.as_ref().map(|life| quote_spanned!(site=> #traceme::__begun!(#life #task);));
            let how = life.map_or_else(|| quote_spanned!(site=> [future]), |life| quote_spanned!(site=> [begun #life]));
            let future = quote_spanned!(site=> #traceme::__as_task!(#task #how [#result] #(#future)*));
            let inside = refilled(&pinned, future);
            let block = braces(block.span(), quote!(#begun #(#before)* #inside));
            return quote_spanned!(at(&block)=> (#block));
        }
        let (owned, output) = (&function.owned, self.output());
        let arrow = quote_spanned!(at(block)=> || ->);
        let parts = quote_spanned!(site=> #task [boxed [#(#owned)*] [#arrow] [#output]] [#result] #block);
        quote_spanned!(site=> #traceme::__as_task! { #parts })
    }

    fn future(&self, future: TokenStream) -> TokenStream {
        let Self { traceme, task, result, .. } = self;
        quote_spanned!(Span::mixed_site()=> #traceme::__as_task!(#task [future] [#result] #future))
    }
}

/// What is never done, for the compiler to read.
fn if_false(what: Option<TokenStream>) -> Option<TokenStream> {
    what.map(|what| quote_spanned!(Span::mixed_site()=> if false { #what }))
}

/// Where a header ends: at the type that is returned, or else at the arguments.
fn last(output: &TokenStream, arguments: &Group) -> Span {
    let end = output.clone().into_iter().last().map(|token| token.span());
    end.filter(|_| output.to_string() != "()").unwrap_or_else(|| arguments.span_close())
}

/// For a variable that is there only to be dropped, or not: what clippy doesn't take for a statement without an effect.
fn with_effect(name: &Ident) -> TokenStream {
    quote_spanned!(name.span()=> { {} #name })
}
