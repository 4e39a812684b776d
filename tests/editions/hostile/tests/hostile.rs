//! What the hostile library records.

use shapes_hostile::outcomes;
use shapes_hostile::primitives::{primitives, u8, usize};
use shapes_hostile::without_prelude::{no_prelude, no_prelude_made_name, no_prelude_result};
use shapes_hostile::{Option, every_argument, made_name, plain};
use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use traceme::Session;

/// A process has one session at a time.
static SESSION: Mutex<()> = Mutex::new(());

/// What a future gives that is ready.
fn polled<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits for nothing"),
    }
}

#[test]
fn hostile_names() {
    let _alone = SESSION.lock();
    let session = Session::start(2).expect("no other session runs");
    assert_eq!(plain(0), 45);
    let Option = every_argument();
    assert_eq!(made_name(4), 4);
    let _ = Option.method();
    let _ = primitives(u8, usize);
    assert_eq!(no_prelude(1), Some(1));
    assert_eq!(no_prelude_made_name(2), 2);
    let text = session.stop().text().to_string();
    let (_, spans) = text.split_once('\n').expect("the line of the thread");
    let expected = "  plain
  hostile n=2 shown=\"2\" debugged=\"5\" literal=1
    plain
  made 4 x=4 n=5
  method
  primitives n=2 shown=\"2\" literal=true
  no_prelude x=1 n=2 shown=\"1\" debugged=\"1\"
  made 2 x=2
";
    assert_eq!(spans, expected);
}

#[test]
fn outcomes_among_hostile_names() {
    let _alone = SESSION.lock();
    let session = Session::start(2).expect("no other session runs");
    assert_eq!((outcomes::both(0), outcomes::both(1)), (Err("zero".into()), Ok(19)));
    assert_eq!(outcomes::value(3), 3);
    assert!(outcomes::mutable(&mut 4).is_ok_and(|x| *x == 4));
    drop(outcomes::asynchronous(1));
    assert_eq!((polled(outcomes::result_of_a_future(0, (0, 1), 0)).is_err(), polled(outcomes::boxed(2))), (true, 4));
    let _ = shapes_hostile::Result.in_a_block();
    assert!(no_prelude_result(0).is_err() && no_prelude_result(1) == Ok(1));
    let text = session.stop().text().to_string();
    let expected = "task boxed
  boxed x=2
task made 1
  made 1 x=1 y=\"1\" (cancelled)
thread outcomes_among_
  both x=0 err=\"zero\" (failed, alerted)
  both x=1 ret=\"19\" (alerted)
  value ret=3
  mutable
  made 1 (poll)
  boxed (poll)
  in_a_block
  no_prelude_result err=\"\" (failed)
  no_prelude_result ret=\"1\"
task result_of_a_future
  result_of_a_future __arg0=0 err=\"zero\" (failed)
";
    assert_eq!(text, expected);
}
