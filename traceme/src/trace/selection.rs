//! Which part of a trace to show: by callsite, and by a share of the whole.

use std::str::FromStr;

use crate::error::Error;
use crate::filter::Filter;
use crate::level::Level;

/// Which events of a trace to show: those of the callsites that a [`Filter`] lets through, and of these, if there is a
/// [`rate`](Self::rate), a share. By default all of them.
///
/// ```
/// use traceme::trace::Selection;
/// use traceme::{Session, trace_scope};
///
/// let session = Session::start(3)?;
/// {
///     trace_scope!("request");
///     trace_scope!("parse", level = 3);
///     trace_scope!("query");
/// }
/// let trace = session.stop();
///
/// let selection: Selection = "info,name:query=off".parse()?;
/// let names: Vec<String> = trace.select(&selection).spans().map(|span| span.name().to_string()).collect();
/// assert_eq!(names, ["request"]);
/// assert_eq!(trace.select(&Selection::default().rate(0.0)).event_count(), 0);
/// # Ok::<(), traceme::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    pub(super) filter: Filter,
    /// From 0 to 1.
    pub(super) rate: f64,
}

impl Selection {
    /// Shows this share of what happens on threads: 1 is all of it, as without a rate, 0 is nothing. What is above 1 is
    /// taken for 1; what is below 0, or no number, for 0.
    ///
    /// It is shown or left out with all that is inside: each span that has no other around it, on its thread, stands for
    /// its whole tree, filtered or not; and an instant outside of spans stands for itself. The same ones are shown
    /// whenever one looks, in each batch of a [`Sink`](crate::session::Sink) that has a part of them, and all of them at
    /// a higher rate too. So counts and sums have to be divided by the rate. Samples of counters and activities are not
    /// thinned out.
    #[must_use]
    pub fn rate(self, share: f64) -> Self {
        // What is no number is not above 0.
        Self { rate: if share > 0.0 { share.min(1.0) } else { 0.0 }, ..self }
    }
}

/// Everything.
impl Default for Selection {
    fn default() -> Self {
        Self::from(Filter::default())
    }
}

/// What the filter lets through.
impl From<Filter> for Selection {
    fn from(filter: Filter) -> Self {
        Self { filter, rate: 1.0 }
    }
}

/// What is up to this level.
impl From<Level> for Selection {
    fn from(level: Level) -> Self {
        Self::from(Filter::from(level))
    }
}

impl FromStr for Selection {
    type Err = Error;

    /// What a filter lets through, given as text.
    ///
    /// # Errors
    ///
    /// [`is_filter`](Error::is_filter): those of [`Filter::from_str`].
    fn from_str(filter: &str) -> Result<Self, Error> {
        filter.parse::<Filter>().map(Self::from)
    }
}

/// What is up to the level of this number.
impl TryFrom<i32> for Selection {
    type Error = Error;

    fn try_from(level: i32) -> Result<Self, Error> {
        Filter::try_from(level).map(Self::from)
    }
}

macro_rules! try_from {
    ($($text:ty)*) => {$(
        impl TryFrom<$text> for Selection {
            type Error = Error;

            fn try_from(filter: $text) -> Result<Self, Error> {
                filter.parse()
            }
        }
    )*};
}
try_from!(&str &String String);
