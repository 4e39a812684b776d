//! What the macros become where recording is compiled in.

/// The static of a callsite.
#[doc(hidden)]
#[macro_export]
macro_rules! __site {
    ($($description:tt)*) => {{
        static __TRACEME_SITE: $crate::__private::CallsiteCell =
            $crate::__private::CallsiteCell::new($crate::__description!($($description)*), $crate::__private::settle);
        &__TRACEME_SITE
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_span {
    ([[] [$name:expr] [$level:expr] [$category:expr] $flows:tt] $keys:tt []) => {
        if const { $crate::__private::LevelArgument($level).level().is_compiled_in() }
            && $crate::__private::active(const { $crate::__private::LevelArgument($level).level() })
        {
            $crate::__private::enter($crate::__site!(Span [$name]
                [$crate::__private::LevelArgument($level).level()] [$category] $flows [""] $keys))
        } else {
            $crate::SpanGuard::INERT
        }
    };
    ([[] [$name:expr] [$level:expr] [$category:expr] $flows:tt] $keys:tt [$($values:tt)*]) => {
        if const { $crate::__private::LevelArgument($level).level().is_compiled_in() }
            && $crate::__private::active(const { $crate::__private::LevelArgument($level).level() })
        {
            match $crate::__private::admit($crate::__site!(Span [$name]
                [$crate::__private::LevelArgument($level).level()] [$category] $flows [""] $keys))
            {
                0 => $crate::SpanGuard::INERT,
                word => $crate::__private::enter_with(word, $crate::__values!($($values)*)),
            }
        } else {
            $crate::SpanGuard::INERT
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_instant {
    ([[] [$name:expr] [$level:expr] [$category:expr] $flows:tt] $keys:tt [$($values:tt)*]) => {
        if const { $crate::__private::LevelArgument($level).level().is_compiled_in() }
            && $crate::__private::active(const { $crate::__private::LevelArgument($level).level() })
        {
            match $crate::__private::admit($crate::__site!(Instant [$name]
                [$crate::__private::LevelArgument($level).level()] [$category] $flows [""] $keys))
            {
                0 => {}
                word => $crate::__private::instant(word, $crate::__values!($($values)*)),
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_counter {
    ([[$unit:literal, $value:expr] [$name:expr] [$level:expr] [$category:expr] []] [] []) => {
        if const { $crate::__private::LevelArgument($level).level().is_compiled_in() }
            && $crate::__private::active(const { $crate::__private::LevelArgument($level).level() })
        {
            match $crate::__private::admit($crate::__site!(Counter [$name]
                [$crate::__private::LevelArgument($level).level()] [$category] [] [$unit] []))
            {
                0 => {}
                word => $crate::__private::sample(word, $crate::__private::number(&$value)),
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_append {
    ([$($guard:expr)?] $keys:tt [$($values:tt)*]) => {
        if const { $crate::Level::CRITICAL.is_compiled_in() }
            && $crate::__private::active($crate::Level::CRITICAL)
        {
            match $crate::__private::target($crate::__guard!($($guard)?)) {
                0 => {}
                target => match $crate::__private::admit($crate::__site!(Append [""]
                    [$crate::Level::CRITICAL] [$crate::Category::DEFAULT] [] [""] $keys))
                {
                    0 => {}
                    word => $crate::__private::append(word, target, $crate::__values!($($values)*)),
                },
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __guard {
    () => {
        ::core::option::Option::None
    };
    ($guard:expr) => {
        ::core::option::Option::Some(&$guard)
    };
}
