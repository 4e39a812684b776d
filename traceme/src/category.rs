//! Names that group callsites across modules, so that a session can record some of them only.

use core::fmt;

/// The category of a callsite: a name such as `io`, declared with [`categories!`](crate::categories).
///
/// Two categories of one name are the same category, in whichever crates they were declared.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Category(&'static str);

impl Category {
    /// The category of a callsite that names none.
    pub const DEFAULT: Self = Self("default");

    /// A category of this name.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The category's name.
    pub const fn name(self) -> &'static str {
        self.0
    }
}

impl fmt::Debug for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Category").field(&self.0).finish()
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Declares categories as constants.
///
/// ```
/// traceme::categories! {
///     /// Reading and writing files.
///     pub IO = "io";
///     pub ALLOC = "alloc";
/// }
///
/// fn load() {
///     traceme::trace_scope!("load", category = IO);
/// }
/// # load();
/// assert_eq!(IO.name(), "io");
/// # let _ = ALLOC;
/// ```
#[macro_export]
macro_rules! categories {
    ($($(#[$attribute:meta])* $visibility:vis $category:ident = $name:literal;)*) => {
        $($(#[$attribute])* $visibility const $category: $crate::Category = $crate::Category::new($name);)*
    };
    ($($wrong:tt)*) => {
        ::core::compile_error!("expected `categories! { pub IO = \"io\"; pub ALLOC = \"alloc\"; }`");
    };
}
