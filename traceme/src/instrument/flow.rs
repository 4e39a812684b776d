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

    /// The flow of this name and number: the same one wherever both are the same, also in another process.
    ///
    /// It is for those who share a number and can't hand over a [`Flow`]: a request's id, a correlation id, an address. What
    /// produces names it as `flow_out`, what consumes as `flow_in`. (The contexts of `TraceMeProducer` and
    /// `TraceMeConsumer`, a type and an id, are this.)
    ///
    /// ```
    /// use std::thread;
    /// use traceme::trace::FlowEnd;
    /// use traceme::{Flow, Session, trace_scope};
    ///
    /// fn send(request: u64) {
    ///     trace_scope!("send", flow_out = Flow::of("rpc", request));
    /// }
    ///
    /// fn serve(request: u64) {
    ///     trace_scope!("serve", flow_in = Flow::of("rpc", request));
    /// }
    ///
    /// let session = Session::start(1)?;
    /// send(7);
    /// thread::spawn(|| serve(7)).join().expect("it doesn't panic");
    /// let trace = session.stop();
    ///
    /// let flows: Vec<FlowEnd> = trace.spans().flat_map(|span| span.flows()).collect();
    /// assert!(matches!(flows[..], [FlowEnd::Out(out), FlowEnd::In(into)] if out == into));
    /// # Ok::<(), traceme::Error>(())
    /// ```
    ///
    /// Its [id](Self::id) is made of both, by a hash with 63 bits, and is never that of a flow from [`new`](Self::new). Two of
    /// a million such flows are the same by accident with a probability of 1 to 18 million.
    #[cfg(all(feature = "enable", not(loom)))]
    #[inline]
    pub const fn of(name: &str, number: u64) -> Self {
        Self(mixed(hash(name) ^ mixed(number)) | OF_NAME)
    }

    /// A flow. Recording is compiled out: all flows are the same one.
    #[cfg(not(all(feature = "enable", not(loom))))]
    #[inline(always)]
    pub const fn of(_name: &str, _number: u64) -> Self {
        Self(1)
    }

    /// Its number, not 0; readers find it in a [`FlowEnd`](crate::trace::FlowEnd).
    pub const fn id(self) -> u64 {
        self.0
    }
}

/// Set in the ids of flows that are made of a name: those that count up never get there.
#[cfg(all(feature = "enable", not(loom)))]
const OF_NAME: u64 = 1 << 63;

/// FNV-1a, with 64 bits. What it gives, and what [`mixed`] does, is the same for all times: processes of different builds
/// meet in it.
#[cfg(all(feature = "enable", not(loom)))]
const fn hash(name: &str) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut at = 0;
    while at < name.len() {
        hash = (hash ^ name.as_bytes()[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

/// Another number for each number, all of whose bits depend on all of that one's: the end of `SplitMix64`.
#[cfg(all(feature = "enable", not(loom)))]
const fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
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
