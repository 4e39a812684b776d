//! The annotated functions do what the bare ones do; whether they record is decided by who builds the program.

use std::sync::atomic::Ordering;

use shapes_no_std::{Bytes, EVALUATED, every_argument, made_name, sum};
use traceme::Session;

fn everything() {
    assert_eq!(sum(&[1, 2]), 3);
    assert_eq!(every_argument(&[1, 2]), Ok(3));
    assert!(every_argument(&[]).is_err());
    assert_eq!(made_name(&[1]).sum::<u64>(), 1);
    assert_eq!(Bytes([1, 2]).find(|byte| *byte > 1), Some(&2));
    assert_eq!(Bytes([0; 3]).to_string(), "3 B");
}

#[test]
fn functions_work_and_evaluate_no_metadata_unless_they_record() {
    everything();
    // Relaxed: this thread has counted.
    assert_eq!(EVALUATED.load(Ordering::Relaxed), 0);
    match Session::start(2) {
        Err(error) => {
            assert!(error.is_disabled(), "{error}");
            everything();
            assert_eq!(EVALUATED.load(Ordering::Relaxed), 0, "compiled out");
        }
        Ok(session) => {
            everything();
            assert_eq!(session.stop().spans().count(), 11);
            assert_eq!(EVALUATED.load(Ordering::Relaxed), 11);
        }
    }
}
