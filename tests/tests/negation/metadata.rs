//! Metadata that begins with a minus: a literal, or any other expression.

use traceme::{Session, append, instant, trace_scope, traceme};

#[traceme(meta(negative = -offset, half = -offset / 2))]
fn annotated(offset: i64) {
    append!(sum = -offset + 1);
}

fn main() {
    let session = Session::start(1).expect("none runs");
    let (n, x) = (5_i32, 0.5);
    {
        trace_scope!("scope", meta(a = -n, b = -5, c = -5 + n, d = -x, e = -1.5, f = -n.pow(2), g = %-n));
    }
    instant!("instant", meta(a = -n));
    annotated(7);
    let text = session.stop().text().to_string();
    let (_, text) = text.split_once('\n').expect("a line for the thread");
    let expected = "  scope a=-5 b=-5 c=0 d=-0.5 e=-1.5 f=-25 g=\"-5\"\n  * instant a=-5\n  \
        annotated negative=-7 half=-3 sum=-6\n";
    assert_eq!(text, expected);
}
