//! The callsites of this program, or of the library that traceme is linked into: the linker lays them side by side.
//!
//! [`__static_site!`](crate::__static_site) puts each into a section, and the linker says where that begins and ends. What is
//! linked into another library, which the program loads as it starts or while it runs, is not there. The section's name has the
//! version: a program can be linked with several, whose callsites have nothing in common.
#![allow(unsafe_code, reason = "sections and symbols of the linker")]

use crate::callsite::CallsiteCell;

/// The callsites, in no order; none where the linker can't say.
pub(crate) fn callsites() -> &'static [CallsiteCell] {
    let (start, stop) = (&raw const bounds::START, &raw const bounds::STOP);
    let cells = (stop.addr() - start.addr()) / size_of::<CallsiteCell>();
    // SAFETY: from start to stop there are cells, one behind the other, and nothing else: only `__static_site!` puts anything
    // into the section, and what goes into a section by its name is laid out without padding. They are statics, which
    // nobody moves, and which change by their atomics only. Start is aligned also if there are none: as the empty array.
    unsafe { std::slice::from_raw_parts(start.cast(), cells) }
}

/// A static for a callsite, where [`callsites`] finds it.
#[cfg(all(any(target_os = "linux", target_os = "android", target_os = "freebsd"), not(miri)))]
#[doc(hidden)]
#[macro_export]
macro_rules! __static_site {
    ($site:expr) => {{
        #[unsafe(link_section = "traceme_0_1")]
        static __TRACEME_SITE: $crate::__private::CallsiteCell = $site;
        &__TRACEME_SITE
    }};
}

#[cfg(all(any(target_os = "linux", target_os = "android", target_os = "freebsd"), not(miri)))]
mod bounds {
    use crate::callsite::CallsiteCell;

    // SAFETY: the linker defines both for a section whose name could be one in C, if there is such a section: `NONE`.
    unsafe extern "C" {
        #[link_name = "__start_traceme_0_1"]
        pub(super) static START: u64;
        #[link_name = "__stop_traceme_0_1"]
        pub(super) static STOP: u64;
    }

    #[used]
    #[unsafe(link_section = "traceme_0_1")]
    static NONE: [CallsiteCell; 0] = [];
}

/// A static for a callsite, where [`callsites`] finds it.
#[cfg(all(target_vendor = "apple", not(miri)))]
#[doc(hidden)]
#[macro_export]
macro_rules! __static_site {
    ($site:expr) => {{
        #[unsafe(link_section = "__DATA,__traceme_0_1")]
        static __TRACEME_SITE: $crate::__private::CallsiteCell = $site;
        &__TRACEME_SITE
    }};
}

#[cfg(all(target_vendor = "apple", not(miri)))]
mod bounds {
    use crate::callsite::CallsiteCell;

    // SAFETY: the linker defines both for every section that somebody asks for like this.
    unsafe extern "C" {
        #[link_name = "\u{1}section$start$__DATA$__traceme_0_1"]
        pub(super) static START: u64;
        #[link_name = "\u{1}section$end$__DATA$__traceme_0_1"]
        pub(super) static STOP: u64;
    }

    #[used]
    #[unsafe(link_section = "__DATA,__traceme_0_1")]
    static NONE: [CallsiteCell; 0] = [];
}

/// A static for a callsite, where [`callsites`] finds it.
#[cfg(all(windows, not(miri)))]
#[doc(hidden)]
#[macro_export]
macro_rules! __static_site {
    ($site:expr) => {{
        #[unsafe(link_section = ".trace01$b")]
        static __TRACEME_SITE: $crate::__private::CallsiteCell = $site;
        &__TRACEME_SITE
    }};
}

#[cfg(all(windows, not(miri)))]
mod bounds {
    use crate::callsite::CallsiteCell;

    // Sections of one name up to the `$` become one, sorted by what is behind it.
    #[used]
    #[unsafe(link_section = ".trace01$a")]
    pub(super) static START: [CallsiteCell; 0] = [];
    #[used]
    #[unsafe(link_section = ".trace01$c")]
    pub(super) static STOP: [CallsiteCell; 0] = [];
}

/// A static for a callsite, which the linker can't list.
#[cfg(not(all(
    any(target_os = "linux", target_os = "android", target_os = "freebsd", target_vendor = "apple", windows),
    not(miri)
)))]
#[doc(hidden)]
#[macro_export]
macro_rules! __static_site {
    ($site:expr) => {{
        static __TRACEME_SITE: $crate::__private::CallsiteCell = $site;
        &__TRACEME_SITE
    }};
}

#[cfg(not(all(
    any(target_os = "linux", target_os = "android", target_os = "freebsd", target_vendor = "apple", windows),
    not(miri)
)))]
mod bounds {
    use crate::callsite::CallsiteCell;

    pub(super) static START: [CallsiteCell; 0] = [];
    pub(super) use START as STOP;
}

#[cfg(all(test, not(loom)))]
mod tests {
    #[test]
    fn the_section_is_that_of_this_version() {
        let (major, minor) = (env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"));
        let source = include_str!("sections.rs");
        let named = |name: String| source.matches(&name).count();
        assert_eq!(named(format!("\"traceme_{major}_{minor}\"")), 2);
        assert_eq!(named(format!("_traceme_{major}_{minor}\"")), 6);
        assert_eq!(named(format!("\".trace{major}{minor}$")), 3);
    }
}
