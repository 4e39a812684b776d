//! Attributes above and below ours.

use std::panic::Location;

use traceme::traceme;

use super::support::recorded;

#[inline]
#[traceme]
fn inline_above() -> u8 {
    1
}

#[traceme]
#[inline(always)]
#[allow(clippy::inline_always, reason = "a shape")]
fn inline_below() -> u8 {
    1
}

#[traceme]
#[inline(never)]
fn inline_never() -> u8 {
    1
}

#[cold]
#[traceme]
fn cold() -> u8 {
    1
}

#[traceme]
#[must_use]
fn must_use() -> u8 {
    1
}

#[must_use = "with a message"]
#[traceme]
fn must_use_above() -> u8 {
    1
}

#[traceme]
#[deprecated(since = "1.0.0", note = "a shape")]
fn deprecated() -> u8 {
    1
}

#[doc(hidden)]
#[traceme]
fn hidden() -> u8 {
    1
}

/// Documented above.
#[traceme]
/// Documented below.
#[doc = "And in the long way."]
fn documented() -> u8 {
    //! Documented inside.
    1
}

#[allow(unused_variables, reason = "a shape")]
#[traceme]
fn allow_above(unused: u8) -> u8 {
    let also_unused = 1;
    1
}

#[traceme]
#[expect(unused_variables, reason = "a shape")]
fn expect_below(unused: u8) -> u8 {
    1
}

#[expect(unused_variables, reason = "a shape")]
#[traceme]
fn expect_above(unused: u8) -> u8 {
    1
}

#[traceme]
fn expect_inside(unused: u8) -> u8 {
    #![expect(unused_variables, reason = "a shape")]
    1
}

#[traceme]
#[rustfmt::skip]
fn skipped_by_rustfmt( ) -> u8 { 1 }

#[cfg(not(any()))]
#[traceme]
fn cfg_above() -> u8 {
    1
}

#[traceme]
#[cfg(not(any()))]
fn cfg_below() -> u8 {
    1
}

#[traceme]
#[cfg(any())]
fn cfg_removed() -> NoSuchType {
    no_such_function()
}

#[cfg(any())]
#[traceme(no_such_argument)]
fn cfg_removed_above() -> NoSuchType {
    no_such_function()
}

#[cfg_attr(all(), traceme(name = "conditional"))]
fn cfg_attr() -> u8 {
    1
}

#[cfg_attr(any(), traceme)]
fn cfg_attr_removed() -> u8 {
    1
}

#[cfg_attr(all(), inline, traceme(level = 2), allow(clippy::let_and_return, reason = "a shape"))]
fn cfg_attr_with_more() -> u8 {
    let one = 1;
    one
}

#[traceme(meta(kept))]
fn cfg_on_arguments(
    #[cfg(any())] removed: NoSuchType,
    #[cfg(not(any()))] kept: u8,
    #[allow(unused, reason = "a shape")] last: u8,
) -> u8 {
    #[cfg(any())]
    return no_such_function();
    #[cfg(not(any()))]
    kept
}

#[test]
#[allow(deprecated, reason = "a shape")]
fn attributes() {
    let text = recorded(2, || {
        let sum = inline_above() + inline_below() + inline_never() + cold() + must_use() + must_use_above();
        let sum = sum + deprecated() + hidden() + documented() + allow_above(0) + expect_below(0);
        let sum = sum + expect_above(0) + expect_inside(0) + skipped_by_rustfmt() + cfg_above() + cfg_below();
        assert_eq!(sum + cfg_attr() + cfg_attr_removed() + cfg_attr_with_more() + cfg_on_arguments(1, 0), 20);
    });
    let expected = "inline_above\ninline_below\ninline_never\ncold\nmust_use\nmust_use_above\ndeprecated\nhidden\n\
                    documented\nallow_above\nexpect_below\nexpect_above\nexpect_inside\nskipped_by_rustfmt\n\
                    cfg_above\ncfg_below\nconditional\ncfg_attr_with_more\ncfg_on_arguments kept=1";
    assert_eq!(text, expected);
}

#[track_caller]
#[traceme]
fn track_caller_above() -> u32 {
    Location::caller().line()
}

#[traceme(meta(line = Location::caller().line()))]
#[track_caller]
fn track_caller_below() -> (u32, u32) {
    (Location::caller().line(), track_caller_above())
}

#[traceme]
#[track_caller]
fn passed_on(value: Option<u8>) -> u8 {
    value.expect("a value")
}

#[test]
fn the_caller_is_the_one_of_the_bare_function() {
    let (mut here, mut inside) = (0, 0);
    let text = recorded(1, || {
        assert_eq!(track_caller_above(), line!());
        let lines = (line!(), track_caller_below());
        here = lines.0;
        inside = (lines.1).1;
        assert_eq!((lines.1).0, here);
        assert_eq!(passed_on(Some(1)), 1);
    });
    assert_eq!(inside, here, "it is passed on");
    assert_eq!(text, format!("track_caller_above\ntrack_caller_below line={}\n  track_caller_above\npassed_on", here));
}

mod outer {
    use super::*;

    #[traceme]
    pub(in super::super) fn visible_in_a_path() -> u8 {
        1
    }

    #[traceme]
    pub(super) fn visible_in_super() -> u8 {
        private()
    }

    #[traceme]
    #[allow(clippy::needless_pub_self, reason = "a shape")]
    pub(self) fn private() -> u8 {
        1
    }

    #[traceme]
    pub(crate) fn visible_in_the_crate() -> u8 {
        1
    }
}

#[test]
fn visibilities() {
    let text = recorded(1, || {
        assert_eq!(outer::visible_in_a_path() + outer::visible_in_super() + outer::visible_in_the_crate(), 3);
    });
    assert_eq!(text, "visible_in_a_path\nvisible_in_super\n  private\nvisible_in_the_crate");
}
