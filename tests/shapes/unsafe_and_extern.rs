//! Functions that are unsafe, and those of other calling conventions.
#![allow(unsafe_code, reason = "what is tested")]

use traceme::traceme;

use super::support::recorded;

#[traceme]
unsafe fn reads(x: *const u64) -> u64 {
    // SAFETY: the caller gives a pointer to a number.
    unsafe { *x }
}

#[traceme(meta(n = x + 1))]
extern "C" fn c(x: u64) -> u64 {
    x
}

#[traceme]
unsafe extern "C" fn unsafe_c(x: *const u64) -> u64 {
    // SAFETY: the caller gives a pointer to a number.
    unsafe { reads(x) }
}

#[traceme]
extern "system" fn system() -> u8 {
    1
}

#[traceme]
extern "C-unwind" fn unwinds(panics: bool) -> u8 {
    assert!(!panics, "on purpose");
    1
}

#[traceme]
#[unsafe(no_mangle)]
extern "C" fn traceme_shape_no_mangle(x: u8) -> u8 {
    x + 1
}

#[unsafe(export_name = "traceme_shape_exported")]
#[traceme]
extern "C" fn exported() -> u8 {
    3
}

mod declared {
    unsafe extern "C" {
        pub(super) safe fn traceme_shape_no_mangle(x: u8) -> u8;
        pub(super) unsafe fn traceme_shape_exported() -> u8;
    }
}

struct Buffer([u8; 2]);

impl Buffer {
    #[traceme(meta(index))]
    unsafe fn get(&self, index: usize) -> u8 {
        // SAFETY: the caller gives an index that is in range.
        unsafe { *self.0.get_unchecked(index) }
    }
}

trait Unsafe {
    /// # Safety
    ///
    /// None is needed.
    unsafe fn method(&self) -> u8;

    /// # Safety
    ///
    /// None is needed.
    #[traceme]
    unsafe fn provided(&self) -> u8 {
        // SAFETY: none is needed.
        unsafe { self.method() + 1 }
    }
}

impl Unsafe for u8 {
    #[traceme]
    unsafe fn method(&self) -> u8 {
        *self
    }
}

// SAFETY: it has no rules.
unsafe impl Rules for u8 {
    #[traceme]
    fn of_an_unsafe_trait(&self) -> u8 {
        *self
    }
}

/// # Safety
///
/// It has no rules.
unsafe trait Rules {
    fn of_an_unsafe_trait(&self) -> u8;
}

union Bits {
    number: u32,
    float: f32,
}

#[traceme]
fn unsafe_block_last(bits: &Bits) -> u32 {
    // SAFETY: any bits are a number.
    unsafe { bits.number }
}

#[test]
fn unsafe_functions() {
    let text = recorded(1, || {
        // SAFETY: it is a pointer to a number.
        assert_eq!(unsafe { reads(&5) }, 5);
        // SAFETY: it is a pointer to a number.
        assert_eq!(unsafe { unsafe_c(&5) }, 5);
        // SAFETY: there are two bytes.
        assert_eq!(unsafe { Buffer([1, 2]).get(1) }, 2);
        // SAFETY: none is needed.
        assert_eq!(unsafe { 1.provided() }, 2);
        assert_eq!(2.of_an_unsafe_trait(), 2);
        assert_eq!(unsafe_block_last(&Bits { float: 0.0 }), 0);
    });
    let expected = "reads\nunsafe_c\n  reads\nget index=1\nprovided\n  method\nof_an_unsafe_trait\nunsafe_block_last";
    assert_eq!(text, expected);
}

#[test]
fn other_calling_conventions() {
    let pointer: extern "C" fn(u64) -> u64 = c;
    let unsafe_pointer: unsafe extern "C" fn(*const u64) -> u64 = unsafe_c;
    let text = recorded(1, || {
        assert_eq!(pointer(1), 1);
        // SAFETY: it is a pointer to a number.
        assert_eq!(unsafe { unsafe_pointer(&2) }, 2);
        assert_eq!(system() + unwinds(false), 2);
        assert!(std::panic::catch_unwind(|| unwinds(true)).is_err());
        assert_eq!(declared::traceme_shape_no_mangle(1) + traceme_shape_no_mangle(1), 4);
        // SAFETY: it is the function above.
        assert_eq!(unsafe { declared::traceme_shape_exported() } + exported(), 6);
    });
    let expected = "c n=2\nunsafe_c\n  reads\nsystem\nunwinds\nunwinds (panicked)\ntraceme_shape_no_mangle\n\
                    traceme_shape_no_mangle\nexported\nexported";
    assert_eq!(text, expected);
}
