//! Steps: spans with a number.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::cell::Cell;

use common::{alone, recorded, traced};
use traceme::trace::Value;
use traceme::{Flow, Session, instant, step, trace_scope};

traceme::categories! {
    TRAIN = "train";
}

#[test]
fn a_step_lasts_to_the_end_of_the_block() {
    let text = recorded(|| {
        for n in 0..2_u32 {
            step!("train", n);
            trace_scope!("forward");
        }
        instant!("behind");
    });
    assert_eq!(text, "train step_num=0\n  forward\ntrain step_num=1\n  forward\n* behind");
}

#[test]
fn a_step_takes_what_a_scope_takes() {
    let flow = Flow::new();
    let trace = traced(2, || {
        let (m, of) = (5, [1_u8, 2]);
        step!("literal", 7, meta(m));
        step!("options", m - 6, level = 2, category = TRAIN, flow_out = flow, meta(m, k = "v"),);
        for n in &of {
            step!("reference", n);
        }
        step!("not recorded", 1, level = 3);
        let sum = step!("block", usize::MAX, meta(of = of.len()), level = 1, { m + 1 });
        let other = step!("bare block", -1_i8, { sum + 1 });
        assert_eq!((sum, other), (6, 7));
    });
    let args = |name: &str| {
        let spans = trace.spans().filter(move |span| span.name() == name.into());
        spans.flat_map(|span| span.args().map(|(key, value)| format!("{key}={value:?}"))).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(args("literal"), "step_num=I64(7) m=I64(5)");
    assert_eq!(args("options"), "step_num=I64(-1) m=I64(5) k=Str(\"v\")");
    assert_eq!(args("reference"), "step_num=U64(1) step_num=U64(2)");
    assert_eq!(args("block"), format!("step_num=U64({}) of=U64(2)", u64::MAX));
    assert_eq!(args("bare block"), "step_num=I64(-1)");
    assert_eq!(trace.spans().len(), 6);
    let options = trace.spans().find(|span| span.name() == "options".into()).unwrap();
    assert_eq!((options.flows().count(), options.callsite().unwrap().category.as_str()), (1, "train"));
    let literal = trace.spans().find(|span| span.name() == "literal".into()).unwrap();
    assert!(options.parent() == Some(literal), "each step lasts to the end of its block");
}

#[test]
fn the_number_is_evaluated_only_if_the_step_is_recorded() {
    let _alone = alone();
    let evaluated = Cell::new(0);
    let number = || {
        evaluated.set(evaluated.get() + 1);
        evaluated.get()
    };
    let work = || step!("work", number(), level = 2, { 0 });
    work();
    let session = Session::start(1).unwrap();
    work();
    assert!(session.stop().is_empty());
    assert_eq!(evaluated.get(), 0);
    let session = Session::start(2).unwrap();
    work();
    let trace = session.stop();
    assert_eq!(trace.spans().next().unwrap().args().collect::<Vec<_>>(), [("step_num", Value::I64(1))]);
    assert_eq!(evaluated.get(), 1);
}

#[test]
fn a_summary_has_a_row_for_the_steps_of_a_name() {
    let trace = traced(1, || {
        for n in 0..100 {
            step!("frame", n);
        }
    });
    let frames = trace.summary().span("frame").cloned().unwrap();
    assert_eq!((frames.count, frames.incomplete), (100, 0));
    assert!(frames.p50 <= frames.p99 && frames.p99 <= frames.max);
}
