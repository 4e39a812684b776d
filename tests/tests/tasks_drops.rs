//! What the futures of annotated functions drop: arguments, variables and temporaries, inside the last slice of the task, be
//! that its last poll or its drop.
#![allow(clippy::unwrap_used, clippy::double_must_use, reason = "tests")]

mod common;
#[path = "common/polling.rs"]
mod polling;

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use async_trait::async_trait;
use common::{assert_sound, traced as trace_of};
use polling::{After, poll};
use traceme::trace::Span;
use traceme::{instant, traceme};

/// Records an instant when it is dropped.
struct Loud(&'static str);

impl Drop for Loud {
    fn drop(&mut self) {
        instant!(name = self.0);
    }
}

impl Loud {
    fn len(&self) -> usize {
        self.0.len()
    }
}

/// Two of them, of which a pattern takes the first one.
struct Two(Loud, #[expect(dead_code, reason = "it is dropped")] Loud);

/// Drops both at the end, behind a variable and a temporary.
macro_rules! body {
    ($a:ident, $b:ident) => {{
        let _variable = Loud("variable");
        After(2).await;
        Loud("temporary").len() + $a.len() + $b.len()
    }};
}

#[traceme]
async fn async_fn(a: Loud, Two(b, _): Two, _: Loud) -> usize {
    body!(a, b)
}

#[traceme]
#[must_use]
async fn must_use(a: Loud, Two(b, _): Two, _: Loud) -> usize {
    body!(a, b)
}

#[traceme]
#[must_use]
async fn must_use_with_a_tuple(a: Loud, (b, _): (Loud, Loud), _: Loud) -> usize {
    body!(a, b)
}

#[traceme(ret)]
async fn with_ret(a: Loud, Two(b, _): Two, _: Loud) -> usize {
    body!(a, b)
}

#[traceme(err, ret)]
#[must_use]
async fn with_err(a: Loud, Two(b, _): Two, _: Loud) -> Result<usize, Infallible> {
    Ok(body!(a, b))
}

#[traceme]
#[tracing::instrument(skip_all)]
async fn looked_at(a: Loud, b: Loud, _unused: Loud) -> usize {
    body!(a, b)
}

#[tracing::instrument(skip_all)]
#[traceme]
async fn looked_at_before(a: Loud, b: Loud) -> usize {
    body!(a, b)
}

#[traceme]
#[tracing::instrument(skip_all)]
async fn looked_at_with_patterns(a: Loud, Two(b, _): Two, _: Loud) -> usize {
    body!(a, b)
}

#[traceme(meta(length = b.len()))]
async fn metadata_of_a_pattern(a: Loud, Two(b, _): Two, _: Loud) -> usize {
    body!(a, b)
}

#[traceme]
fn opaque(a: Loud, b: Loud) -> impl Future<Output = usize> {
    async move { body!(a, b) }
}

#[traceme(ret)]
fn opaque_in_a_closure(a: Loud, b: Loud) -> impl Future<Output = usize> {
    return async move { body!(a, b) };
}

#[traceme]
fn boxed(a: Loud, b: Loud) -> Pin<Box<dyn Future<Output = usize>>> {
    Box::pin(async move { body!(a, b) })
}

#[traceme(ret)]
fn boxed_anyhow(a: Loud, b: Loud) -> Pin<Box<dyn Future<Output = usize>>> {
    if b.len() == 0 { Box::pin(std::future::pending()) } else { Box::pin(async move { body!(a, b) }) }
}

#[async_trait]
trait Serve {
    async fn serve(&self, a: Loud, b: Loud) -> usize;
}

struct OnTheMethod;
struct AboveTheBlock;
struct BelowTheBlock;

#[async_trait]
impl Serve for OnTheMethod {
    #[traceme]
    async fn serve(&self, a: Loud, b: Loud) -> usize {
        body!(a, b)
    }
}

#[traceme]
#[async_trait]
impl Serve for AboveTheBlock {
    async fn serve(&self, a: Loud, b: Loud) -> usize {
        body!(a, b)
    }
}

#[async_trait]
#[traceme]
impl Serve for BelowTheBlock {
    async fn serve(&self, a: Loud, b: Loud) -> usize {
        body!(a, b)
    }
}

fn two() -> Two {
    Two(Loud("b"), Loud("left"))
}

/// What is dropped inside the last slice of the only task, and what else, if the future is polled so often and then dropped.
fn dropped<F: Future>(made: &dyn Fn() -> F, polls: usize) -> [String; 2] {
    let trace = trace_of(1, || {
        let mut future = Box::pin(made());
        poll(future.as_mut(), polls);
    });
    assert_sound(&trace);
    let task = trace.tasks().next();
    assert_eq!((trace.tasks().len() <= 1, task.is_none_or(|task| task.end().is_some())), (true, true));
    let last = task.and_then(|task| task.polls().last()).map(|last| (last.start(), last.poll_of()));
    let is_inside = |span: Option<Span<'_>>| span.map(|span| (span.start(), span.poll_of())) == last && last.is_some();
    let (inside, outside): (Vec<_>, Vec<_>) = trace.instants().partition(|instant| is_inside(instant.span()));
    [inside, outside].map(|all| all.iter().map(|drop| drop.name().to_string()).collect::<Vec<_>>().join(" "))
}

/// Cancelled before the first poll, cancelled between two, completed.
fn all_dropped<F: Future>(made: impl Fn() -> F) -> [[String; 2]; 3] {
    [0, 1, 2].map(|polls| dropped(&made, polls))
}

#[test]
fn all_is_dropped_inside_the_task() {
    // In the order of a bare `async fn`.
    let patterns = [["a b left _", ""], ["variable _ b left a", ""], ["temporary variable _ b left a", ""]];
    assert_eq!(all_dropped(|| async_fn(Loud("a"), two(), Loud("_"))), patterns);
    assert_eq!(all_dropped(|| with_ret(Loud("a"), two(), Loud("_"))), patterns);
    let names = [["a b", ""], ["variable b a", ""], ["temporary variable b a", ""]];
    assert_eq!(all_dropped(|| OnTheMethod.serve(Loud("a"), Loud("b"))), names);
    assert_eq!(all_dropped(|| BelowTheBlock.serve(Loud("a"), Loud("b"))), names);
    // In that of a block.
    let block = [["a b", ""], ["variable a b", ""], ["temporary variable a b", ""]];
    assert_eq!(all_dropped(|| looked_at_before(Loud("a"), Loud("b"))), block);
    assert_eq!(all_dropped(|| opaque(Loud("a"), Loud("b"))), block);
    assert_eq!(all_dropped(|| opaque_in_a_closure(Loud("a"), Loud("b"))), block);
    assert_eq!(all_dropped(|| boxed(Loud("a"), Loud("b"))), block);
    assert_eq!(all_dropped(|| boxed_anyhow(Loud("a"), Loud("b"))), block);
}

#[test]
fn where_the_header_stays_as_well_once_the_task_has_begun() {
    let patterns = [["", "a b left _"], ["variable _ b left a", ""], ["temporary variable _ b left a", ""]];
    assert_eq!(all_dropped(|| must_use(Loud("a"), two(), Loud("_"))), patterns);
    let tuple = || must_use_with_a_tuple(Loud("a"), (Loud("b"), Loud("left")), Loud("_"));
    assert_eq!(all_dropped(tuple), patterns);
    assert_eq!(all_dropped(|| with_err(Loud("a"), two(), Loud("_"))), patterns);
    let names = [["", "a b c"], ["variable c b a", ""], ["temporary variable c b a", ""]];
    assert_eq!(all_dropped(|| looked_at(Loud("a"), Loud("b"), Loud("c"))), names);
    let names = [["", "a b"], ["variable b a", ""], ["temporary variable b a", ""]];
    assert_eq!(all_dropped(|| AboveTheBlock.serve(Loud("a"), Loud("b"))), names);
}

/// A limit: the patterns are not the task's, nor is what they leave.
#[test]
fn what_patterns_leave_in_a_header_that_others_look_at_is_dropped_behind_the_task() {
    let expected = [["", "a b left _"], ["variable a b", "_ left"], ["temporary variable a b", "_ left"]];
    assert_eq!(all_dropped(|| looked_at_with_patterns(Loud("a"), two(), Loud("_"))), expected);
    assert_eq!(all_dropped(|| metadata_of_a_pattern(Loud("a"), two(), Loud("_"))), expected);
}
