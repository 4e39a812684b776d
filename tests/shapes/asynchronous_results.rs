//! What `async fn`s give, their spans by name, and their polls.

use std::cell::Cell;
use std::fmt::Debug;
use std::num::ParseIntError;

use traceme::trace::TrackKind;
use traceme::{append, traceme};

use super::asynchronous::{block_on, later, poll, tasks};
use super::support::traced;

#[traceme(ret)]
async fn returns(x: u8) -> u8 {
    later().await;
    if x == 7 {
        return 1;
    }
    x
}

#[traceme(err, meta(text))]
async fn fails(text: &str) -> Result<u8, ParseIntError> {
    let x = text.parse()?;
    later().await;
    Ok(x)
}

#[traceme(ret(Display), err(Debug), span = s, level = 2)]
async fn both<'a, T: Debug>(
    list: &'a mut Vec<u8>,
    mut keep: String,
    value: T,
) -> Result<&'a mut u8, Box<dyn Debug + 'a>>
where
    T: 'a,
{
    append!(s, length = list.len());
    later().await;
    keep.push('x');
    if list.is_empty() {
        return Err(Box::new(value));
    }
    list.push(0);
    drop(keep);
    append!(s, late = list[0]);
    Ok(&mut list[0])
}

struct Client {
    calls: Cell<u8>,
}

impl Client {
    #[traceme(ret(Value), span = own)]
    async fn call(&self) -> u8 {
        self.calls.set(self.calls.get() + 1);
        later().await;
        append!(own, calls = self.calls.get());
        self.calls.get()
    }

    #[traceme(ret)]
    async fn finish(self) -> u8 {
        later().await;
        self.calls.into_inner()
    }

    /// One whose header stays, for that attribute.
    #[traceme(ret, span = own)]
    #[must_use]
    async fn stays(&mut self, mut by: u8) -> u8 {
        later().await;
        by += self.calls.get();
        append!(own, by);
        by
    }
}

#[traceme(skip_polls, span = _s)]
async fn without_polls(x: u8) -> u8 {
    append!(_s, x);
    later().await;
    returns(x).await
}

#[traceme(skip_polls, level = 2)]
mod block {
    use super::later;

    pub(super) async fn inside() {
        later().await;
    }

    pub(super) fn not_async(x: u8) -> u8 {
        x
    }
}

#[traceme(err, name = format!("load {}", text))]
async fn send(text: String, cell: Cell<u8>) -> Result<u8, ParseIntError> {
    later().await;
    cell.set(text.parse()?);
    Ok(cell.get())
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn are_recorded() {
    let trace = traced(2, || {
        assert_eq!((block_on(returns(7)), block_on(returns(2))), (1, 2));
        assert!(block_on(fails("12")).is_ok() && block_on(fails("x")).is_err());
        assert!(block_on(both(&mut vec![7], String::new(), 1)).is_ok());
        assert!(block_on(both(&mut Vec::new(), String::new(), "value")).is_err());
        let mut client = Client { calls: Cell::new(4) };
        assert_eq!((block_on(client.call()), block_on(client.stays(2)), block_on(client.finish())), (5, 7, 5));
        assert!(block_on(is_send(send("1".into(), Cell::new(1)))).is_ok());
    });
    let expected = "both length=1 late=7 ret=\"7\"\nboth length=0 err=\"\\\"value\\\"\" (failed)\n\
                    call calls=5 ret=5\nfails text=\"12\"\nfails text=\"x\" err=\"invalid digit found in string\" (failed)\n\
                    finish ret=\"5\"\nload 1\nreturns ret=\"1\"\nreturns ret=\"2\"\nstays by=7 ret=\"7\"";
    assert_eq!(tasks(&trace), expected);
}

#[test]
fn one_that_is_cancelled_has_none() {
    let trace = traced(1, || {
        let mut future = Box::pin(returns(1));
        assert_eq!(poll(&mut future), None);
        drop(future);
    });
    assert_eq!(tasks(&trace), "returns (cancelled)");
}

#[test]
fn polls_are_left_out() {
    let trace = traced(2, || {
        assert_eq!(block_on(without_polls(3)), 3);
        block_on(block::inside());
        assert_eq!(block::not_async(1), 1);
    });
    assert_eq!(tasks(&trace), "inside\nreturns ret=\"3\"\nwithout_polls x=3");
    let spans = trace.spans().filter(|span| matches!(span.track().kind, TrackKind::Thread { .. }));
    let spans: Vec<_> = spans.map(|span| span.name().to_string()).collect();
    assert_eq!(spans, ["returns", "returns", "not_async"]);
}
