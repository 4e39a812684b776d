//! What is read off one parsed file: its functions, how deep they nest, its unsafe code.
//!
//! What macros make is not seen: a macro call is tokens.

use std::ops::Add;

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{Block, ExprMatch, ExprUnsafe, ImplItemFn, ItemFn, Safety, Signature, TraitItemFn};
use traceme::span;

/// Functions of so many lines get a span of their own.
const LARGE: usize = 100;

/// What a file has.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Measured {
    pub(crate) functions: Vec<Function>,
    pub(crate) unsafety: Unsafety,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// The line that its `fn` is in, from 1.
    pub(crate) line: usize,
    pub(crate) lines: usize,
    /// How many blocks and `match`es are around its innermost block.
    pub(crate) depth: usize,
}

/// How much unsafe code there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unsafety {
    pub(crate) blocks: usize,
    pub(crate) functions: usize,
}

impl Add for Unsafety {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { blocks: self.blocks + other.blocks, functions: self.functions + other.functions }
    }
}

/// Visits a file.
#[derive(Default)]
pub(crate) struct Measure {
    pub(crate) done: Measured,
    /// How many blocks and `match`es of the present function are open, and how many were at most.
    depth: usize,
    deepest: usize,
}

impl Measure {
    fn function(&mut self, signature: &Signature, body: &Block, visit: impl FnOnce(&mut Self)) {
        let line = signature.fn_token.span.start().line;
        let lines = last_line(body.brace_token.span.close()).saturating_sub(line) + 1;
        let _span = (lines >= LARGE).then(|| span!("large function", level = 3, meta(name = %signature.ident, lines)));
        // A function inside another one counts for itself.
        let outer = (std::mem::take(&mut self.depth), std::mem::take(&mut self.deepest));
        visit(self);
        let depth = self.deepest.saturating_sub(1);
        (self.depth, self.deepest) = outer;
        self.done.functions.push(Function { name: signature.ident.to_string(), line, lines, depth });
    }

    fn nested(&mut self, visit: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        visit(self);
        self.depth -= 1;
    }
}

fn last_line(span: Span) -> usize {
    span.end().line
}

impl<'ast> Visit<'ast> for Measure {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.sig, &item.block, |this| visit::visit_item_fn(this, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, &item.block, |this| visit::visit_impl_item_fn(this, item));
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        match &item.default {
            Some(body) => self.function(&item.sig, body, |this| visit::visit_trait_item_fn(this, item)),
            None => visit::visit_trait_item_fn(self, item),
        }
    }

    fn visit_signature(&mut self, signature: &'ast Signature) {
        if let Safety::Unsafe(_) = signature.safety {
            self.done.unsafety.functions += 1;
        }
        visit::visit_signature(self, signature);
    }

    fn visit_expr_unsafe(&mut self, block: &'ast ExprUnsafe) {
        self.done.unsafety.blocks += 1;
        visit::visit_expr_unsafe(self, block);
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.nested(|this| visit::visit_block(this, block));
    }

    fn visit_expr_match(&mut self, expression: &'ast ExprMatch) {
        self.nested(|this| visit::visit_expr_match(this, expression));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(text: &str) -> Measured {
        let mut measure = Measure::default();
        measure.visit_file(&syn::parse_file(text).expect("Rust"));
        measure.done
    }

    fn function(name: &str, line: usize, lines: usize, depth: usize) -> Function {
        Function { name: name.into(), line, lines, depth }
    }

    #[test]
    fn lines_and_depth_of_functions() {
        let text = "
fn flat() {}
impl S {
    pub fn nests(&self) -> u32 {
        if a { b() } else if c {
            match d { _ => { loop {} } }
        }
        fn inner() { {} }
    }
}
trait T { fn declared(); fn provided() { for x in y {} } }
";
        let expected = [
            function("flat", 2, 1, 0),
            function("inner", 8, 1, 1),
            function("nests", 4, 6, 4),
            function("provided", 11, 1, 1),
        ];
        assert_eq!(measured(text).functions, expected);
    }

    #[test]
    fn unsafe_functions_and_blocks() {
        let text = "unsafe fn a() { unsafe { b() } } fn c() { unsafe {} } trait T { unsafe fn d(); }";
        assert_eq!(measured(text).unsafety, Unsafety { blocks: 2, functions: 2 });
    }
}
