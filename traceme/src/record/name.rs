//! The name of a thread, as the records of its sections carry it: kept in place, since memory is not to be had where a thread
//! joins a session.

/// At most [`MOST`](Self::MOST) bytes, UTF-8 where the system keeps to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    bytes: [u8; Self::MOST],
    length: u8,
}

impl Name {
    pub(crate) const MOST: usize = 63;

    /// What is longer is cut.
    pub(crate) fn new(name: impl IntoIterator<Item = u8>) -> Self {
        let mut this = Self::default();
        for (to, from) in this.bytes.iter_mut().zip(name) {
            *to = from;
            this.length += 1;
        }
        this
    }

    /// The name; empty if there is none.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl Default for Name {
    fn default() -> Self {
        Self { bytes: [0; Self::MOST], length: 0 }
    }
}
