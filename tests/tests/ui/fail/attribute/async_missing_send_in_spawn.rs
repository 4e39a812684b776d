use std::cell::Cell;
use std::future::{Future, ready};

use traceme::traceme;

#[traceme(meta(x = x.get()))]
async fn borrows(x: &Cell<u8>) -> u8 {
    ready(()).await;
    x.get()
}

#[traceme]
async fn is_fine(x: Cell<u8>) -> u8 {
    borrows(&x).await
}

fn spawn(_: impl Future + Send + 'static) {}

fn main() {
    spawn(is_fine(Cell::new(1)));
}
