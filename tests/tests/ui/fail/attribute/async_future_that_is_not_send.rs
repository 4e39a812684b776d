use std::future::ready;
use std::rc::Rc;

use traceme::traceme;

#[traceme(meta(x = %x))]
async fn keeps_an_rc(x: u8) -> u8 {
    let shared = Rc::new(x);
    ready(()).await;
    *shared
}

fn is_send(_: impl Send) {}

fn main() {
    is_send(keeps_an_rc(1));
}
