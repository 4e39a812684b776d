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
    in_a_block::a_test_in_a_block();
    let trace = session.stop();
    // They may run on threads of their own at the same time.
    for name in ["test_above", "test_below", "test_with_a_result", "a_test_in_a_block"].iter() {
        assert!(trace.spans().any(|span| span.name().to_string() == *name && !span.flags().is_panicked()), "{}", name);
    }
}

/// Tests in an annotated block.
#[traceme(level = 255)]
mod in_a_block {
    fn helper(x: u8) -> u8 {
        x + 1
    }

    #[test]
    pub(super) fn a_test_in_a_block() {
        assert_eq!(helper(1), 2);
    }

    #[test]
    #[should_panic(expected = "expected")]
    fn a_test_that_panics() {
        assert_eq!(helper(1), 3, "expected");
    }

    #[test]
    fn a_test_with_a_result() -> Result<(), std::num::ParseIntError> {
        let x: u8 = "1".parse()?;
        assert_eq!(helper(x), 2);
        Ok(())
    }
}
