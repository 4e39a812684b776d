//! Variables that only annotations use, in every form: no warning tells of them, recording compiled in or out.

use core::future::{Future, ready};

use traceme::{Activity, Flow, activity, append, counter, instant, span, step, trace_scope, traced, traceme};

/// One variable for each form of metadata, and for its name.
pub fn instants(data: &[u8], delta: i32, (left, right): (u32, u32), error: Option<core::fmt::Error>) {
    let (alone, renamed, shown, debugged, first, name) = (1, 2, 3, 4, data, "made");
    instant!(
        name = name,
        meta(alone, key = renamed, shown = %shown, debugged = ?debugged, minus = -delta, length = first.len())
    );
    instant!("expressions", meta(sum = left + right, text = %format_args!("{left} {right}")));
    if let Some(error) = error {
        instant!("failed", meta(error = ?error));
    }
    let mut count = 0;
    for byte in data {
        count += 1;
        instant!("byte", meta(byte));
    }
    instant!("through", meta(count));
}

/// Guards, and what is appended to them.
pub fn spans(data: &[u8]) {
    let (limit, rows, found, left, width) = (1, 2, 3, 4, 5);
    let query = span!("query", meta(limit));
    append!(query, rows, length = data.len());
    let flow = Flow::new();
    trace_scope!("rest", flow_out = flow, flow_in = Flow::of("rpc", left), meta(width));
    append!(found);
}

/// Blocks, with what only they have.
#[must_use]
pub fn blocks(number: u32, names: &[&str]) -> u32 {
    let kind = names.len();
    let sum = trace_scope!(name = names[0], meta(kind), {
        let half = number / 2;
        append!(half);
        1
    });
    let (next, of, offset) = (3, 4, 5);
    step!("step", number);
    sum + step!("next", next + offset, meta(of), { 2 })
}

/// Counters.
pub fn counters(used: u64, free: &[u64]) {
    let length = free.len();
    counter!("used", used, unit = "B");
    counter!("length", length);
    counter!("free", free.iter().sum::<u64>());
}

/// An activity that another one belongs to.
pub fn activities(outer: &Activity, path: &str) {
    let (inner, rows, flow) = (activity!("inner", parent = outer), 2, Flow::new());
    let request = activity!("request", parent = &inner, flow_out = flow, meta(path));
    append!(request, rows);
}

/// A future, and in it variables behind an `.await`.
pub fn futures(id: u32, data: &[u8]) -> impl Future<Output = ()> + '_ {
    let (flow, kind) = (Flow::new(), 2);
    let future = async move {
        let (length, copy) = (data.len(), data);
        ready(()).await;
        instant!("through", meta(length, first = copy.first()));
    };
    traced!(future, "future", flow_in = flow, meta(id, kind, length = data.len()))
}

/// Closures.
pub fn closures(data: &[u8]) {
    let bound = data.len();
    let record = |byte: &u8| instant!("byte", meta(byte, bound));
    record(&1);
}

/// A number of which nothing else is read.
#[derive(Clone, Copy, Debug)]
pub struct Id(pub u32);

impl Id {
    /// Uses `self` and an argument in macros only.
    pub fn method(&self, rows: u32) {
        instant!("method", meta(id = self.0, rows));
    }

    /// The attribute's arguments, and its guard.
    #[traceme(name = name, span = own, meta(id = self.0, limit), ret)]
    #[must_use]
    pub fn function(&self, limit: u32, name: &str, rows: u32) -> u32 {
        append!(own, rows);
        1
    }

    /// The same of a future.
    #[traceme(name = name, span = own, meta(id = self.0, limit))]
    pub async fn asynchronous(&self, limit: u32, name: &str, rows: u32) -> u32 {
        ready(()).await;
        append!(own, rows);
        1
    }
}
