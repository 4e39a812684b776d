//! The attribute on an `impl`, a `trait` or an inline `mod`: it is put on the functions in there.

use proc_macro2::{TokenStream, TokenTree};

use crate::attributes::{Stays, is_ours, is_skip, may_become_ours, stays};
use crate::diag::Errors;
use crate::expand;
use crate::function::FnItem;
use crate::item::{Item, Kind, refilled};
use crate::lints::without_expectations;
use crate::validate::BlockPlan;

/// The block with its functions expanded. Without a plan it stays as it was, but for the marks that say `skip`, which
/// mean nothing outside of an annotated block.
///
/// `around` is what has to stay of the headers of its functions for the sake of attributes around it.
pub(crate) fn expand(block: Item, plan: Option<&BlockPlan>, around: Stays, errors: &mut Errors) -> TokenStream {
    let around = around.max(stays(&block.attributes()));
    let mut tokens = block.tokens;
    if let Some(TokenTree::Group(braces)) = tokens.pop() {
        if plan.is_some() {
            tokens = without_expectations(&tokens);
        }
        let items = Item::all(braces.stream()).into_iter().map(|item| expand_item(item, plan, around, errors));
        tokens.push(refilled(&braces, items.collect()).into());
    }
    tokens.into_iter().collect()
}

fn expand_item(mut item: Item, mut plan: Option<&BlockPlan>, around: Stays, errors: &mut Errors) -> TokenStream {
    if item.kind != Kind::Function && item.kind != Kind::Block {
        return item.into_tokens();
    }
    let attributes = item.attributes();
    if attributes.iter().any(is_skip) {
        item.retain(|attribute| !is_skip(attribute));
        plan = None;
    } else if attributes.iter().any(|attribute| is_ours(attribute) || may_become_ours(attribute)) {
        return item.into_tokens();
    }
    match (item.kind, plan) {
        (Kind::Block, _) => expand(item, plan, around, errors),
        (_, Some(plan)) => expand_function(item, plan, around, errors),
        (_, None) => item.into_tokens(),
    }
}

/// A function without a body stays as it is, and so does one whose signature is newer than this crate.
fn expand_function(item: Item, plan: &BlockPlan, around: Stays, errors: &mut Errors) -> TokenStream {
    let tokens = item.into_tokens();
    let function = FnItem::read(tokens.clone()).ok();
    let planned = function.and_then(|function| Some((plan.function(&function, around, errors)?, function)));
    planned.map_or(tokens, |(plan, function)| expand::expand(&function, &plan))
}
