//! `%value` and `?value`: values recorded as they print.

use std::fmt;

use crate::instrument::value::Sealed;
use crate::record::args::{Out, text_words};
use crate::record::owner;
use crate::record::scratch::Printed;
use crate::record::thread::Local;
use crate::record::value::tag;

/// A value as it printed: what `%value` and `?value` record.
#[doc(hidden)]
#[derive(Debug)]
pub struct Formatted(Option<Printed<'static>>);

impl Formatted {
    /// Prints the value now, outside the recorder: its impl may trace.
    pub fn new(value: fmt::Arguments<'_>) -> Self {
        let scratch = Local::with(|local| {
            let _busy = local.enter()?;
            if local.buffer().is_none() {
                owner::join_any(local);
            }
            let scratch = &local.buffer()?.scratch;
            scratch.prepare();
            Some(scratch)
        });
        Self(scratch.map(|scratch| scratch.print(value)))
    }
}

impl Sealed for Formatted {
    fn tag(&self) -> u64 {
        tag::STR
    }

    fn words(&self) -> usize {
        text_words(self.0.as_ref().map_or(0, Printed::len))
    }

    fn put(&self, out: &mut Out<'_>) {
        match &self.0 {
            Some(printed) => printed.put(out),
            None => out.text(""),
        }
    }
}
