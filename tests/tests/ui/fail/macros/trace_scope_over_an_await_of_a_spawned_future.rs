use std::future::{Future, ready};

use traceme::trace_scope;

fn spawn(_: impl Future<Output = ()> + Send + 'static) {}

fn main() {
    spawn(async {
        trace_scope!("waits");
        ready(()).await;
    });
}
