//! Flows: arrows from what caused something to what it caused.

#[cfg(all(feature = "enable", not(loom)))]
use std::sync::atomic::{AtomicU64, Ordering};

use crate::instrument::value::Sealed;
use crate::record::args::Out;
use crate::record::value::tag;

/// An arrow from one event to another, on whatever threads they are: from what sent a job to what did it.
///
/// It is a number, to be copied along with the job. Several events can name one flow: those that it leaves, with
/// `flow_out`, and those that it arrives at, with `flow_in`.
///
/// ```
/// use std::sync::mpsc;
/// use traceme::trace::FlowEnd;
/// use traceme::{Flow, Session, trace_scope};
///
/// let session = Session::start(1)?;
/// let (send, jobs) = mpsc::channel();
/// {
///     let flow = Flow::new();
///     trace_scope!("produce", flow_out = flow);
///     send.send((flow, "a job")).expect("the receiver is there");
/// }
/// for (flow, _job) in jobs.try_iter() {
///     trace_scope!("consume", flow_in = flow);
/// }
/// let trace = session.stop();
///
/// let flows: Vec<FlowEnd> = trace.spans().flat_map(|span| span.flows()).collect();
/// assert!(matches!(flows[..], [FlowEnd::Out(out), FlowEnd::In(into)] if out == into));
/// # Ok::<(), traceme::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flow(u64);

impl Flow {
    /// A flow like no other of this process. (Where recording is compiled out, all flows are the same one.)
    #[cfg(all(feature = "enable", not(loom)))]
    #[expect(clippy::new_without_default, reason = "each one differs from all others")]
    #[inline]
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // Relaxed: a number only has to be given once.
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// A flow. Recording is compiled out: all flows are the same one.
    #[cfg(not(all(feature = "enable", not(loom))))]
    #[expect(clippy::new_without_default, reason = "as where recording is compiled in")]
    #[inline(always)]
    pub fn new() -> Self {
        Self(1)
    }

    /// Its number, not 0; readers find it in a [`FlowEnd`](crate::trace::FlowEnd).
    pub const fn id(self) -> u64 {
        self.0
    }
}

/// A flow among the values of the event that it leaves or arrives at.
#[doc(hidden)]
#[derive(Debug)]
pub struct End {
    flow: Flow,
    tag: u64,
}

/// What the macros call on `flow_out = ..`.
#[doc(hidden)]
#[inline(always)]
pub const fn flow_out(flow: Flow) -> End {
    End { flow, tag: tag::FLOW_OUT }
}

/// What the macros call on `flow_in = ..`.
#[doc(hidden)]
#[inline(always)]
pub const fn flow_in(flow: Flow) -> End {
    End { flow, tag: tag::FLOW_IN }
}

impl Sealed for End {
    #[inline(always)]
    fn tag(&self) -> u64 {
        self.tag
    }

    #[inline(always)]
    fn words(&self) -> usize {
        1
    }

    #[inline(always)]
    fn put(&self, out: &mut Out<'_>) {
        out.word(self.flow.0);
    }
}
