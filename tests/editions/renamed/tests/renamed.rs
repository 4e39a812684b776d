//! What the library under another name records.

use shapes_renamed::{Counter, InABlock, Kind, every_argument, fails_later, later, made_name, parses, plain, returns};
use tracer::Session;

#[test]
fn a_dependency_of_another_name() {
    let session = Session::start(2).expect("no other session runs");
    assert_eq!(plain(1), 2);
    assert_eq!(every_argument("4").ok(), Some(5));
    assert!(every_argument("x").is_err());
    made_name(3);
    assert_eq!(Kind::of("a b").to_string(), "words");
    let mut counter = Counter::default();
    assert_eq!(counter.count(&'x') + counter.count(&'x'), 3);
    assert_eq!(counter.most(), Some(&'x'));
    assert_eq!(counter.into_items().count(), 1);
    assert_eq!(returns(1) + returns(2), 6);
    let mut sum = 1;
    assert_eq!(parses(["2"].into_iter(), &mut sum).ok(), Some(&mut 3));
    assert!(parses(["0"].into_iter(), &mut sum).is_err() && parses([].into_iter(), &mut sum).is_err());
    assert_eq!((InABlock::new(1).number(), InABlock::new(1).checked()), (1, Ok(&1)));
    drop((later(1, "never polled"), fails_later(1, "1", (1, 1), 1)));
    let trace = session.stop();
    let text = trace.text().to_string();
    let (_, spans) = text.split_once('\n').expect("the line of the thread");
    let expected = "  plain
  read len=1 text=\"4\" kind=\"Word\" first='4'
    plain
  read len=1 text=\"x\" kind=\"Word\" first='x'
  made 3
    plain
  of words=2
  fmt
  count
  count
  most len=1
  into_items
  returns ret=\"3\"
    plain
  returns ret=\"3\"
  parses text=\"2\" ret=\"3\"
  parses text=\"0\" err=\"zero\" (failed)
  parses err=\"no text\" (failed)
  number
  checked ret=\"1\"
  later 1 (poll)
task fails_later
  fails_later (cancelled)
task later 1
  later 1 n=1 text=12 (cancelled)
";
    assert_eq!(spans, expected);
    let read = trace.spans().find(|span| span.name().to_string() == "read").expect("it was called");
    assert_eq!(read.callsite().map(|callsite| callsite.category.to_string()).as_deref(), Some("reading"));
}
