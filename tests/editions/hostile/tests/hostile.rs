//! What the hostile library records.

use shapes_hostile::primitives::{primitives, u8, usize};
use shapes_hostile::without_prelude::{no_prelude, no_prelude_made_name};
use shapes_hostile::{Option, every_argument, made_name, plain};
use traceme::Session;

#[test]
fn hostile_names() {
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
