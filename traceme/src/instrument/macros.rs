//! The macros that user code calls: what they accept, and how they reach the two ways to expand them.
//!
//! Each public macro hands its tokens to [`__options`], which sorts them, and that to a `__record_*` macro: the
//! only part that is compiled in two ways, in `on.rs` and `off.rs`, which say what they take.

/// Begins a span and gives its guard: the span ends when the guard is dropped or [`stop`](crate::SpanGuard::stop)ped.
///
/// ```
/// use traceme::{append, span};
///
/// # let rows = 3;
/// let span = span!("query", level = 2, meta(table = "users", limit = 10 * rows));
/// append!(span, rows);
/// span.stop();
/// ```
///
/// What is accepted, the options in any order:
///
/// | | |
/// |---|---|
/// | `"name"` | the span's name, first |
/// | `name = expression` | instead: a name made at run time, evaluated only if the span is recorded |
/// | `level = 2` | a constant from 1 (the default) to 255, or a [`Level`](crate::Level) |
/// | `category = IO` | a [`Category`](crate::Category) |
/// | `rate = 0.01` | a constant above 0 and up to 1: the part of them that is recorded, see [sampling](crate::guide::sampling) |
/// | `flow_out = flow`, `flow_in = flow` | the [`Flow`](crate::Flow) leaves here, arrives here; as often as you like |
/// | `meta(..)` | metadata: `key = value`, `key = %value` (as `Display` prints), `key = ?value` (as `Debug` prints), or `value` alone for `value = value` |
///
/// At most 14 values are not literals: metadata, flows, and a name made at run time.
///
/// Metadata is evaluated once, left to right, before the span's start time is read, and only if the span is
/// recorded; so are flows, before it. What a value can be: [`Value`](crate::Value). It must not contain `.await`: another task would come in
/// between, and its metadata with this one's.
#[macro_export]
macro_rules! span {
    ($name:literal $(, $($options:tt)*)?) => {
        $crate::__options!(__record_span [] [$name] [] [] [1] [$crate::Category::DEFAULT] [] $($($options)*)?)
    };
    (name = $name:expr $(, $($options:tt)*)?) => {
        $crate::__options!(__record_span [] [""] [$name] [] [1] [$crate::Category::DEFAULT] [] $($($options)*)?)
    };
    ($($wrong:tt)*) => {
        ::core::compile_error!(
            "expected `span!(\"name\", level = 2, category = IO, meta(key = value, shown = %value, debugged = ?value))`, \
             or `name = expression` for the name"
        )
    };
}

/// Records a span until the end of the enclosing block, or around a block of its own.
///
/// ```
/// use traceme::trace_scope;
///
/// fn load(paths: &[&str]) -> usize {
///     trace_scope!("load", meta(files = paths.len()));
///     let mut bytes = 0;
///     for path in paths {
///         trace_scope!(name = format!("load {path}"), level = 3);
///         bytes += trace_scope!("read", level = 2, { path.len() });
///     }
///     bytes
/// }
/// assert_eq!(load(&["a", "bc"]), 3);
/// ```
///
/// Options are those of [`span!`](crate::span). In a block form `return`, `?`, `break` work as without it.
#[macro_export]
macro_rules! trace_scope {
    // `match` keeps what the block is expected to give, and drops its last temporaries inside the span.
    ($name:literal, level = $level:expr, $block:block) => {
        match $crate::span!($name, level = $level) { __traceme_guard => $block }
    };
    ($name:literal, $block:block) => {
        match $crate::span!($name) { __traceme_guard => $block }
    };
    ($name:literal $(, $($options:tt)*)?) => {
        $crate::__scope!([$name] $($($options)*)?)
    };
    (name = $name:expr $(, $($options:tt)*)?) => {
        $crate::__scope!([name = $name] $($($options)*)?)
    };
    ($($wrong:tt)*) => {
        ::core::compile_error!(
            "expected `trace_scope!(\"name\", level = 2, category = IO, meta(key = value))`, \
             or `name = expression` for the name, and at the end a block to trace: `{ .. }`"
        )
    };
}

/// Finds the block behind the options of `trace_scope!`, if there is one.
#[doc(hidden)]
#[macro_export]
macro_rules! __scope {
    ([$($options:tt)*]) => {
        let __traceme_guard = $crate::span!($($options)*);
    };
    ([$($options:tt)*] $block:block) => {
        match $crate::span!($($options)*) { __traceme_guard => $block }
    };
    ([$($options:tt)*] rate = 1 $(, $($rest:tt)*)?) => {
        $crate::__scope!([$($options)*, rate = 1.0] $($($rest)*)?)
    };
    ([$($options:tt)*] $key:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::__scope!([$($options)*, $key = $value] $($($rest)*)?)
    };
    ([$($options:tt)*] $key:ident ($($meta:tt)*) $(, $($rest:tt)*)?) => {
        $crate::__scope!([$($options)*, $key($($meta)*)] $($($rest)*)?)
    };
    ([$($options:tt)*] $($wrong:tt)+) => {
        $crate::trace_scope!(@ $($wrong)*)
    };
}

/// Records a point in time.
///
/// ```
/// # let key = "k";
/// traceme::instant!("cache_miss", level = 2, meta(key = %key));
/// ```
///
/// Options are those of [`span!`](crate::span).
#[macro_export]
macro_rules! instant {
    ($name:literal $(, $($options:tt)*)?) => {
        $crate::__options!(__record_instant [] [$name] [] [] [1] [$crate::Category::DEFAULT] [] $($($options)*)?)
    };
    (name = $name:expr $(, $($options:tt)*)?) => {
        $crate::__options!(__record_instant [] [""] [$name] [] [1] [$crate::Category::DEFAULT] [] $($($options)*)?)
    };
    ($($wrong:tt)*) => {
        ::core::compile_error!(
            "expected `instant!(\"name\", level = 2, category = IO, meta(key = value, shown = %value, debugged = ?value))`, \
             or `name = expression` for the name"
        )
    };
}

/// Records a sample of a number that the whole process has one of: a queue's length, bytes in use.
///
/// ```
/// # let queue = [1, 2, 3];
/// traceme::counter!("queue", queue.len());
/// traceme::counter!("memory", 4096_u64, unit = "B", level = 2);
/// ```
///
/// The value is any number; `unit`, `level` and `category` are options, in any order. Two counters of one name
/// and unit are the same counter.
#[macro_export]
macro_rules! counter {
    ($name:literal, $value:expr $(, $($options:tt)*)?) => {
        $crate::__counter!([$name] [$value] [""] [] $($($options)*)?)
    };
    ($($wrong:tt)*) => {
        ::core::compile_error!("expected `counter!(\"name\", value, unit = \"B\", level = 2, category = IO)`")
    };
}

/// Finds the unit among the options of `counter!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __counter {
    ([$name:literal] [$value:expr] [$unit:literal] [$($options:tt)*]) => {
        $crate::__options!(__record_counter [$unit, $value] [$name] [] [] [1] [$crate::Category::DEFAULT] [] $($options)*)
    };
    ([$name:literal] [$value:expr] [$old:literal] [$($options:tt)*] unit = $unit:literal $(, $($rest:tt)*)?) => {
        $crate::__counter!([$name] [$value] [$unit] [$($options)*] $($($rest)*)?)
    };
    ([$name:literal] [$value:expr] [$unit:literal] [$($options:tt)*] level = $level:expr $(, $($rest:tt)*)?) => {
        $crate::__counter!([$name] [$value] [$unit] [$($options)* level = $level,] $($($rest)*)?)
    };
    ([$name:literal] [$value:expr] [$unit:literal] [$($options:tt)*] category = $category:expr $(, $($rest:tt)*)?) => {
        $crate::__counter!([$name] [$value] [$unit] [$($options)* category = $category,] $($($rest)*)?)
    };
    ($($wrong:tt)*) => {
        $crate::counter!()
    };
}

/// Adds metadata to a span that is open: to that of a guard, or to the innermost one that this thread records. That is the
/// [task](crate::traced!) while its future is polled or dropped, and no span has begun in there.
///
/// Instead of a guard there can be an [`Activity`](crate::Activity), or what `#[traceme(span = task)]` gives an async function.
///
/// ```
/// use traceme::{append, span};
///
/// fn helper() {
///     append!(found = true);
/// }
///
/// let span = span!("search");
/// append!(span, hits = 3 + 4, query = %"abc");
/// helper();
/// ```
///
/// It does nothing if the span is not recorded, or no span is; the values are not evaluated then.
#[macro_export]
macro_rules! append {
    ($key:ident) => {
        $crate::__meta!(__record_append [[]] [] [] $key)
    };
    ($key:ident = $($meta:tt)+) => {
        $crate::__meta!(__record_append [[]] [] [] $key = $($meta)+)
    };
    ($guard:expr, $($meta:tt)+) => {
        $crate::__meta!(__record_append [[$guard]] [] [] $($meta)+)
    };
    ($($wrong:tt)*) => {
        ::core::compile_error!("expected `append!(guard, key = value, shown = %value)`, or `append!(key = value)`")
    };
}

/// Sorts options: `finish [what it gets first] [name] [run-time name] [flows] [level] [category; rate] [metadata] options..`.
#[doc(hidden)]
#[macro_export]
macro_rules! __options {
    (
        $finish:ident $own:tt [$name:tt] [$($dynamic:expr)?] [$([$flow:ident $end:expr])*] [$level:tt]
        [$category:expr $(; $rate:expr)?] [$($meta:tt)*]
    ) => {
        $crate::__meta!($finish [$own $name $level ($category) [$($flow)* $(; $rate)?]] [] [
            $($crate::__private::Name(::core::convert::AsRef::<::core::primitive::str>::as_ref(&$dynamic)),)?
            $($crate::__private::$flow($end),)*
        ] $($meta)*)
    };
    ($finish:ident $own:tt $name:tt $dynamic:tt $flows:tt $old:tt $category:tt $meta:tt level = $level:literal $(, $($rest:tt)*)?) => {
        $crate::__options!($finish $own $name $dynamic $flows [$level] $category $meta $($($rest)*)?)
    };
    ($finish:ident $own:tt $name:tt $dynamic:tt $flows:tt $old:tt $category:tt $meta:tt level = $level:expr $(, $($rest:tt)*)?) => {
        $crate::__options!($finish $own $name $dynamic $flows [{ $crate::__private::LevelArgument($level).number() }]
            $category $meta $($($rest)*)?)
    };
    (
        $finish:ident $own:tt $name:tt $dynamic:tt $flows:tt $level:tt [$old:expr $(; $rate:expr)?] $meta:tt
        category = $category:expr $(, $($rest:tt)*)?
    ) => {
        $crate::__options!($finish $own $name $dynamic $flows $level [$category $(; $rate)?] $meta $($($rest)*)?)
    };
    (
        $finish:ident $own:tt $name:tt $dynamic:tt $flows:tt $level:tt [$category:expr $(; $old:expr)?] $meta:tt
        rate = 1 $(, $($rest:tt)*)?
    ) => {
        $crate::__options!($finish $own $name $dynamic $flows $level [$category; 1.0] $meta $($($rest)*)?)
    };
    (
        $finish:ident $own:tt $name:tt $dynamic:tt $flows:tt $level:tt [$category:expr $(; $old:expr)?] $meta:tt
        rate = $rate:expr $(, $($rest:tt)*)?
    ) => {
        $crate::__options!($finish $own $name $dynamic $flows $level [$category; $rate] $meta $($($rest)*)?)
    };
    ($finish:ident $own:tt $name:tt $dynamic:tt [$($flows:tt)*] $level:tt $category:tt $meta:tt flow_out = $flow:expr $(, $($rest:tt)*)?) => {
        $crate::__options!($finish $own $name $dynamic [$($flows)* [flow_out $flow]] $level $category $meta $($($rest)*)?)
    };
    ($finish:ident $own:tt $name:tt $dynamic:tt [$($flows:tt)*] $level:tt $category:tt $meta:tt flow_in = $flow:expr $(, $($rest:tt)*)?) => {
        $crate::__options!($finish $own $name $dynamic [$($flows)* [flow_in $flow]] $level $category $meta $($($rest)*)?)
    };
    ($finish:ident $own:tt $name:tt $dynamic:tt $flows:tt $level:tt $category:tt [$($old:tt)*] meta($($meta:tt)*) $(, $($rest:tt)*)?) => {
        $crate::__options!($finish $own $name $dynamic $flows $level $category [$($meta)*] $($($rest)*)?)
    };
    ($finish:ident $own:tt $name:tt $dynamic:tt $flows:tt $level:tt $category:tt $meta:tt $($wrong:tt)+) => {
        ::core::compile_error!(::core::concat!(
            "unknown option `", ::core::stringify!($($wrong)+),
            "`: expected `level = 2`, `category = IO`, `rate = 0.01`, `flow_out = flow`, `flow_in = flow`, ",
            $crate::__further_options!($finish), "`meta(key = value)`, separated by commas"
        ))
    };
}

/// The options that are sorted out before the others: those of one macro.
#[doc(hidden)]
#[macro_export]
macro_rules! __further_options {
    (__record_traced) => {
        "`skip_polls`, "
    };
    (__record_activity) => {
        "`parent = &other`, "
    };
    ($finish:ident) => {
        ""
    };
}

/// Sorts metadata: `finish [what it gets first] [static keys] [run-time values] metadata..`.
#[doc(hidden)]
#[macro_export]
macro_rules! __meta {
    ($finish:ident [$($own:tt)*] $keys:tt []) => {
        $crate::$finish!($($own)* $keys ())
    };
    ($finish:ident [$($own:tt)*] $keys:tt [$($values:tt)*]) => {
        $crate::$finish!($($own)* $keys ($crate::__values!($($values)*)))
    };
    ($finish:ident $own:tt [$($keys:tt)*] [$($values:tt)*] $key:ident = % $value:expr $(, $($rest:tt)*)?) => {
        $crate::__meta!($finish $own [$($keys)* (::core::stringify!($key), "", ""),]
            [$($values)* $crate::__private::Formatted::new(::core::format_args!("{}", $value)),] $($($rest)*)?)
    };
    ($finish:ident $own:tt [$($keys:tt)*] [$($values:tt)*] $key:ident = ? $value:expr $(, $($rest:tt)*)?) => {
        $crate::__meta!($finish $own [$($keys)* (::core::stringify!($key), "", ""),]
            [$($values)* $crate::__private::Formatted::new(::core::format_args!("{:?}", $value)),] $($($rest)*)?)
    };
    // One token, with a minus or without, may be a literal. (`$value:literal` here would take a minus for the
    // beginning of one, and fail on `-n`.)
    ($finish:ident $own:tt $keys:tt $values:tt $key:ident = $value:tt $(, $($rest:tt)*)?) => {
        $crate::__token!($finish $own $keys $values $key [] $value $($($rest)*)?)
    };
    ($finish:ident $own:tt $keys:tt $values:tt $key:ident = - $value:tt $(, $($rest:tt)*)?) => {
        $crate::__token!($finish $own $keys $values $key [-] $value $($($rest)*)?)
    };
    ($finish:ident $own:tt [$($keys:tt)*] [$($values:tt)*] $key:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::__meta!($finish $own [$($keys)* (::core::stringify!($key), "", ""),]
            [$($values)* $crate::__private::value(&$value),] $($($rest)*)?)
    };
    ($finish:ident $own:tt [$($keys:tt)*] [$($values:tt)*] $key:ident $(, $($rest:tt)*)?) => {
        $crate::__meta!($finish $own [$($keys)* (::core::stringify!($key), "", ""),]
            [$($values)* $crate::__private::value(&$key),] $($($rest)*)?)
    };
    ($finish:ident $own:tt $keys:tt $values:tt $($wrong:tt)+) => {
        ::core::compile_error!(::core::concat!(
            "not metadata: `", ::core::stringify!($($wrong)+),
            "`: expected `key = value`, `key = %value`, `key = ?value` or `value`, separated by commas"
        ))
    };
}

/// Tells a literal from another token, with a minus before it or without.
#[doc(hidden)]
#[macro_export]
macro_rules! __token {
    ($finish:ident $own:tt [$($keys:tt)*] $values:tt $key:ident [$($minus:tt)?] $value:literal $($rest:tt)*) => {
        $crate::__meta!($finish $own [
            $($keys)*
            (::core::stringify!($key), ::core::stringify!($($minus)? $value), ::core::concat!($($minus)? $value)),
        ] $values $($rest)*)
    };
    ($finish:ident $own:tt [$($keys:tt)*] [$($values:tt)*] $key:ident [$($minus:tt)?] $value:tt $($rest:tt)*) => {
        $crate::__meta!($finish $own [$($keys)* (::core::stringify!($key), "", ""),]
            [$($values)* $crate::__private::value(&($($minus)? $value)),] $($rest)*)
    };
}

/// The values as a list: `(first, (second, ()))`.
#[doc(hidden)]
#[macro_export]
macro_rules! __values {
    () => { () };
    ($first:expr, $($rest:tt)*) => { ($first, $crate::__values!($($rest)*)) };
}

/// What is known of a callsite at compile time.
#[doc(hidden)]
#[macro_export]
macro_rules! __description {
    ($kind:ident $name:tt $level:tt $category:tt [$($flow:ident)* $(; $rate:expr)?] $keys:tt $($unit:tt)*) => {
        $crate::__private::StaticCallsite::new(
            $crate::__private::CallsiteKind::$kind,
            $name,
            $level,
            $category,
            ::core::module_path!(),
            &$keys,
        )
        .with_flows(<[&::core::primitive::str]>::len(&[$(::core::stringify!($flow)),*]))
        $(.with_rate($rate))?
        $($unit)*
    };
}
