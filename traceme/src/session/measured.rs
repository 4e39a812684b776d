//! Recording what was measured elsewhere.

use std::ops::Range;

use crate::instrument::value::AnyValue;
use crate::instrument::{Timestamp, active, measured};
use crate::level::Level;
use crate::record::recorder;
use crate::session::environment::Environment;
use crate::session::raw;

/// Records a span that was measured elsewhere: by a device, a driver's callback, a log.
///
/// ```
/// use std::time::Duration;
/// use traceme::trace::Value;
/// use traceme::{Session, record_span};
///
/// let session = Session::start(2)?;
/// // The queue says that a kernel ended 2 ms ago, and took 3 ms.
/// let end = traceme::now() - Duration::from_millis(2);
/// record_span("kernel", end - Duration::from_millis(3)..end, &[("bytes", &4096), ("stream", &"copy")]);
/// let trace = session.stop();
///
/// let kernel = trace.spans().next().expect("it was recorded");
/// assert_eq!((kernel.name(), kernel.track().name.as_str()), ("kernel".into(), "kernel"));
/// assert_eq!(kernel.args().next(), Some(("bytes", Value::I64(4096))));
/// # Ok::<(), traceme::Error>(())
/// ```
///
/// It is shown on a track that has the span's name and belongs to no thread, as [`activity!`](crate::activity)s are:
/// there spans may overlap. It is one event, recorded at the moment of the call if a session records [`Level::INFO`]; a
/// [`Filter`](crate::Filter) can tell it by that level only, for the name is made at run time, and no rate thins it out. The
/// values are evaluated
/// once, in order, only if the span is recorded.
///
/// Times are taken as they are, but for three: an end before the start becomes the start, a time to come becomes the time
/// now, and what was before the session is left out. So a span that ended before the session is empty, at its start. In
/// a [rotation](crate::Session::rotate) or a [sink](crate::session::Sink)'s batch the span is whole, in that part in which it was
/// recorded, though it may have begun before that part does.
///
/// At most 13 values are kept. Of more, the first 12 are, and `args_left_out`, which says how many are not. Names and keys
/// are cut like other texts, at 4094 bytes.
pub fn record_span(name: &str, range: Range<Timestamp>, args: &[(&str, &dyn AnyValue)]) {
    if !active(Level::INFO) {
        return;
    }
    match recorder::admit::<Environment>(raw::site(Level::INFO)) {
        0 => {}
        word => measured::record(word, name, &range, args),
    }
}
