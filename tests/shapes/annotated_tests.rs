//! Tests that are annotated themselves. A program of its own: the harness runs them while others have a session.

use traceme::{Session, traceme};

#[test]
#[traceme(level = 255)]
fn test_above() {
    assert_eq!(1 + 1, 2);
}

#[traceme(level = 255)]
#[test]
fn test_below() {
    assert_eq!(1 + 1, 2);
}

#[test]
#[should_panic(expected = "on purpose")]
#[traceme(level = 255)]
fn test_that_panics() {
    panic!("on purpose");
}

#[traceme(level = 255)]
#[test]
fn test_with_a_result() -> Result<(), std::num::ParseIntError> {
    assert_eq!("1".parse::<u8>()?, 1);
    Ok(())
}

#[test]
fn annotated_tests() {
    let session = Session::start(255).expect("no other session runs");
    test_above();
    test_below();
    assert_eq!(test_with_a_result(), Ok(()));
    let trace = session.stop();
    // They may run on threads of their own at the same time.
    for name in ["test_above", "test_below", "test_with_a_result"].iter() {
        assert!(trace.spans().any(|span| span.name().to_string() == *name && !span.flags().is_panicked()), "{}", name);
    }
}
