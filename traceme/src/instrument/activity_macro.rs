//! The macro that begins activities: what it accepts. See `macros.rs` for the others.

/// Begins an activity: a span that belongs to no thread, and ends on whatever thread its guard is dropped or
/// [`end`](crate::Activity::end)ed.
///
/// ```
/// use std::thread;
/// use traceme::{Session, activity};
///
/// let session = Session::start(1)?;
/// let request = activity!("request", meta(path = "/index.html"));
/// let query = activity!("query", parent = &request);
/// let database = thread::spawn(move || query.end());
/// database.join().expect("it doesn't panic");
/// request.end();
/// let trace = session.stop();
///
/// let tracks: Vec<_> = trace.tracks().iter().map(|track| track.name.as_str()).collect();
/// assert!(tracks.ends_with(&["query", "request"]), "a track for each name");
/// # Ok::<(), traceme::Error>(())
/// ```
///
/// Options are those of [`span!`](crate::span), and `parent = &activity`: the id of that activity becomes metadata of the
/// key `parent`. An activity whose guard is never dropped is kept as incomplete, as is one that goes on at the end of
/// the session. Activities of one name share a track, on which they may overlap.
#[macro_export]
macro_rules! activity {
    ($name:literal $(, $($options:tt)*)?) => {
        $crate::__activity!([$name] [] [] [] $($($options)*)?)
    };
    (name = $name:expr $(, $($options:tt)*)?) => {
        $crate::__activity!([""] [$name] [] [] $($($options)*)?)
    };
    ($($wrong:tt)*) => {
        ::core::compile_error!(
            "expected `activity!(\"name\", parent = &other, level = 2, category = IO, meta(key = value))`, \
             or `name = expression` for the name"
        )
    };
}

/// Finds the parent among the options of `activity!`: `[name] [run-time name] [parent] [other options] options..`.
#[doc(hidden)]
#[macro_export]
macro_rules! __activity {
    ([$name:literal] $dynamic:tt $parent:tt [$($options:tt)*]) => {
        $crate::__options!(__record_activity $parent [$name] $dynamic [] [1] [$crate::Category::DEFAULT] [] $($options)*)
    };
    ($name:tt $dynamic:tt $old:tt $options:tt parent = $parent:expr $(, $($rest:tt)*)?) => {
        $crate::__activity!($name $dynamic [parent $parent] $options $($($rest)*)?)
    };
    ($name:tt $dynamic:tt $parent:tt [$($options:tt)*] rate = 1 $(, $($rest:tt)*)?) => {
        $crate::__activity!($name $dynamic $parent [$($options)* rate = 1.0,] $($($rest)*)?)
    };
    ($name:tt $dynamic:tt $parent:tt [$($options:tt)*] $key:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::__activity!($name $dynamic $parent [$($options)* $key = $value,] $($($rest)*)?)
    };
    ($name:tt $dynamic:tt $parent:tt [$($options:tt)*] $key:ident ($($meta:tt)*) $(, $($rest:tt)*)?) => {
        $crate::__activity!($name $dynamic $parent [$($options)* $key($($meta)*),] $($($rest)*)?)
    };
    ($($wrong:tt)*) => {
        $crate::activity!()
    };
}
