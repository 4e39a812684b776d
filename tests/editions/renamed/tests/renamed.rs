//! What the library under another name records.

use shapes_renamed::{Counter, Kind, every_argument, made_name, plain};
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
";
    assert_eq!(spans, expected);
    let read = trace.spans().find(|span| span.name().to_string() == "read").expect("it was called");
    assert_eq!(read.callsite().map(|callsite| callsite.category.to_string()).as_deref(), Some("reading"));
}
