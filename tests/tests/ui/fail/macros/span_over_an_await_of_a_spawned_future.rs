use std::future::{Future, ready};

use traceme::span;

fn spawn(_: impl Future<Output = ()> + Send + 'static) {}

fn main() {
    spawn(async {
        let _span = span!("waits");
        ready(()).await;
    });
}
