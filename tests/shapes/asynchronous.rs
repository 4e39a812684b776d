//! `async fn`: a task from the call until the future completes or is dropped, on whatever threads.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use traceme::trace::TrackKind;
use traceme::{Trace, instant, traceme};

use super::support::{caught, traced, unwind};

struct Nobody;

impl Wake for Nobody {
    fn wake(self: Arc<Self>) {}
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Polls once; `None` if it is not ready.
pub(crate) fn poll<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> Option<F::Output> {
    let waker = Waker::from(Arc::new(Nobody));
    match future.as_mut().poll(&mut Context::from_waker(&waker)) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    loop {
        if let Some(result) = poll(&mut future) {
            return result;
        }
    }
}

/// Ready the second time.
pub(crate) struct Later(bool);

impl Future for Later {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        Poll::Pending
    }
}

pub(crate) fn later() -> Later {
    Later(false)
}

/// The tasks of a trace as text, by their names.
pub(crate) fn tasks(trace: &Trace) -> String {
    let text = trace.text().to_string();
    let mut is_task = false;
    let lines = text.lines().filter_map(|line| match line.strip_prefix("  ") {
        Some(line) => Some(line).filter(|_| is_task),
        None => {
            is_task = line.starts_with("task ");
            None
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Runs on a thread of its own.
fn elsewhere<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::Builder::new().name("elsewhere".into()).spawn(work).expect("a thread");
    thread.join().expect("it doesn't panic")
}

#[traceme]
async fn ready() -> u8 {
    1
}

#[traceme]
async fn awaits(times: u8) -> u8 {
    for _ in 0..times {
        later().await;
    }
    ready().await + times
}

#[traceme(level = 2, name = format!("made {}", x), meta(x, text = %text, debug = ?Some(x), literal = 1), crate = ::traceme)]
async fn every_argument(x: u8, text: &str) -> usize {
    later().await;
    text.len() + usize::from(x)
}

#[test]
fn a_task_lasts_from_the_call_to_the_end() {
    let work = || {
        instant!("before");
        let mut future = Box::pin(awaits(2));
        instant!("made");
        assert_eq!((poll(&mut future), poll(&mut future)), (None, None));
        instant!("polled");
        assert_eq!(poll(&mut future), Some(3));
        instant!("ended");
    };
    let trace = traced(1, work);
    assert_eq!(tasks(&trace), "awaits\nready");
    let at = |name: &str| trace.instants().find(|point| point.name() == name.into()).map(|point| point.time());
    let (before, made, polled, ended) = (at("before"), at("made"), at("polled"), at("ended"));
    for span in trace.spans().filter(|span| span.track().kind == TrackKind::Task) {
        let (start, end) = (Some(span.start()), span.end());
        let is_outer = span.name() == "awaits".into();
        assert!(before <= start && polled <= end && end <= ended, "{:?}", span);
        assert_eq!((start <= made, start <= polled), (is_outer, is_outer), "{:?}", span);
    }
    let polls = trace.spans().filter(|span| matches!(span.track().kind, TrackKind::Thread { .. }));
    let polls: Vec<_> = polls.map(|span| span.name().to_string()).collect();
    assert_eq!(polls, ["awaits", "awaits", "awaits", "ready"], "a span for each poll");
}

#[test]
fn metadata_is_evaluated_at_the_call() {
    let work = || {
        let mut text = String::from("ab");
        let mut future = Box::pin(every_argument(3, &text));
        instant!("made");
        assert_eq!(poll(&mut future), None);
        drop(future);
        text.clear();
    };
    let trace = traced(2, work);
    assert_eq!(tasks(&trace), "made 3 x=3 text=\"ab\" debug=\"Some(3)\" literal=1 (cancelled)");
    let begins = trace.spans().map(|span| span.start()).min();
    assert!(begins <= trace.instants().next().map(|point| point.time()));
    assert_eq!(tasks(&traced(1, work)), "", "a level that is not recorded");
}

#[test]
fn one_that_is_never_polled_is_recorded_as_well() {
    let trace = traced(2, || drop((ready(), every_argument(1, ""))));
    assert_eq!(tasks(&trace), "made 1 x=1 text=\"\" debug=\"Some(1)\" literal=1 (cancelled)\nready (cancelled)");
}

#[test]
fn one_that_is_dropped_ends_there() {
    let trace = traced(1, || {
        let mut future = Box::pin(awaits(5));
        assert_eq!(poll(&mut future), None);
        drop(future);
        instant!("dropped");
    });
    assert_eq!(tasks(&trace), "awaits (cancelled)");
    let end = trace.spans().next().and_then(|span| span.end());
    assert!(end <= trace.instants().next().map(|point| point.time()));
}

#[test]
fn two_on_one_thread_overlap() {
    let trace = traced(1, || {
        let (mut first, mut second) = (Box::pin(awaits(1)), Box::pin(awaits(2)));
        assert_eq!((poll(&mut first), poll(&mut second)), (None, None));
        assert_eq!((poll(&mut first), poll(&mut second)), (Some(2), None));
        assert_eq!(poll(&mut second), Some(3));
    });
    assert_eq!(tasks(&trace), "awaits\nawaits\nready\nready");
    let spans: Vec<_> = trace.spans().filter(|span| span.name() == "awaits".into()).collect();
    let tasks: Vec<_> = spans.iter().filter(|span| span.track().kind == TrackKind::Task).collect();
    assert_eq!(tasks.len(), 2);
    assert!(Some(tasks[1].start()) <= tasks[0].end(), "they overlap");
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[traceme(meta(name = name, length = name.len()))]
async fn on_many_threads(name: String) -> usize {
    later().await;
    later().await;
    name.len()
}

#[test]
fn a_future_moves_between_threads() {
    let trace = traced(1, || {
        let mut future = is_send(Box::pin(on_many_threads("name".into())));
        assert_eq!(poll(&mut future), None);
        let mut future = elsewhere(move || {
            assert_eq!(poll(&mut future), None);
            future
        });
        assert_eq!(elsewhere(move || poll(&mut future)), Some(4));
    });
    assert_eq!(tasks(&trace), "on_many_threads name=\"name\" length=4");
}

#[traceme]
async fn borrows<'a>(list: &'a mut Vec<u8>, x: &u8) -> &'a mut u8 {
    later().await;
    list.push(*x);
    &mut list[0]
}

#[traceme(meta(x = ?x))]
async fn generic<T: Clone + std::fmt::Debug, const N: usize>(x: T) -> [T; N]
where
    [T; N]: Default,
{
    later().await;
    let mut all = <[T; N]>::default();
    all.iter_mut().for_each(|each| *each = x.clone());
    all
}

#[traceme]
#[allow(unsafe_code, reason = "a shape")]
async unsafe fn reads(x: *const u8) -> u8 {
    // SAFETY: the caller gives a pointer to a number that lives on.
    unsafe { *x }
}

#[traceme(meta(depth))]
fn recursive<'a>(depth: u8) -> Boxed<'a, u8> {
    Box::pin(async move { if depth == 0 { 0 } else { recursive(depth - 1).await + 1 } })
}

#[traceme(meta(depth))]
async fn recurses(depth: u8) -> u8 {
    if depth == 0 {
        return 0;
    }
    let deeper: Boxed<'_, u8> = Box::pin(recurses(depth - 1));
    deeper.await + 1
}

#[traceme]
async fn questions(text: &str) -> Result<u8, std::num::ParseIntError> {
    later().await;
    let x: u8 = text.parse()?;
    Ok(x + ready().await)
}

#[traceme]
async fn patterns((a, mut b): (u8, u8), _: u8, [first, ..]: [u8; 2]) -> u8 {
    b += 1;
    later().await;
    a + b + first
}

#[traceme]
async fn returns_an_impl(mut x: u8) -> impl Iterator<Item = u8> + Send {
    later().await;
    x += 1;
    (0..x).filter(|n| n % 2 == 0)
}

#[traceme]
async fn takes_a_future(future: impl Future<Output = u8>, f: &mut dyn FnMut(u8)) -> u8 {
    let x = future.await;
    f(x);
    x
}

#[traceme]
async fn ways_out(way: u8) -> Option<u8> {
    loop {
        later().await;
        match way {
            0 => return Some(0),
            1 => break,
            2 => None?,
            _ => return async { Some(3) }.await,
        }
    }
    Some(1)
}

struct Client {
    calls: u8,
}

impl Client {
    #[traceme(meta(calls = self.calls))]
    async fn call(&mut self, by: u8) -> &mut Self {
        later().await;
        self.calls += by;
        self
    }

    #[traceme]
    async fn finish(self) -> u8 {
        self.calls
    }
}

#[traceme]
impl Client {
    async fn shared(&self) -> &u8 {
        later().await;
        &self.calls
    }
}

#[test]
fn functions_of_every_kind() {
    let trace = traced(1, || {
        let mut list = vec![7];
        *block_on(borrows(&mut list, &1)) += 1;
        assert_eq!(list, [8, 1]);
        assert_eq!(block_on(generic::<_, 2>(3)), [3, 3]);
        #[allow(unsafe_code, reason = "a shape")]
        // SAFETY: it points to a number.
        let read = unsafe { reads(&4) };
        assert_eq!(block_on(read), 4);
        assert_eq!(block_on(recurses(2)), 2);
        assert_eq!(block_on(questions("1")), Ok(2));
        assert!(block_on(questions("x")).is_err());
        assert_eq!(block_on(patterns((1, 2), 3, [4, 5])), 8);
        assert_eq!(block_on(returns_an_impl(2)).sum::<u8>(), 2);
        assert_eq!(block_on(takes_a_future(ready(), &mut |x| assert_eq!(x, 1))), 1);
        assert_eq!([0, 1, 2, 3].iter().map(|way| block_on(ways_out(*way))).sum::<Option<u8>>(), None);
        let mut client = Client { calls: 1 };
        assert_eq!(block_on(client.call(1)).calls, 2);
        assert_eq!(block_on(client.shared()), &2);
        assert_eq!(block_on(client.finish()), 2);
    });
    let expected = "borrows\ncall calls=1\nfinish\ngeneric x=\"3\"\npatterns\nquestions\nquestions\nreads\nready\nready\n\
                    recurses depth=2\nrecurses depth=1\nrecurses depth=0\nreturns_an_impl\nshared\ntakes_a_future\n\
                    ways_out\nways_out\nways_out";
    assert_eq!(tasks(&trace), expected);
    let behind_an_alias = traced(1, || assert_eq!(block_on(recursive(2)), 2));
    assert_eq!((behind_an_alias.spans().count(), tasks(&behind_an_alias)), (3, String::new()));
}

#[traceme]
async fn panics() -> usize {
    later().await;
    unwind()
}

#[test]
fn a_panic_ends_it() {
    let trace = traced(1, || {
        let mut future = Box::pin(panics());
        assert_eq!(poll(&mut future), None);
        assert!(caught(|| poll(&mut future)));
    });
    assert_eq!(tasks(&trace), "panics (panicked)");
}

#[test]
fn with_a_macro_around() {
    macro_rules! asynchronous {
        ($name:ident $arguments:tt -> $ret:ty $body:block) => {
            #[traceme]
            async fn $name $arguments -> $ret $body
        };
    }
    asynchronous!(made(x: &str) -> &str {
        later().await;
        x
    });
    assert_eq!(tasks(&traced(1, || assert_eq!(block_on(made("x")), "x"))), "made");
}
