//! Saving a trace: a stand-in for the exporters.

use std::path::Path;

use crate::error::Error;
use crate::trace::Trace;

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Indented text.
    Text,
}

impl Format {
    /// The format that a file's extension names.
    ///
    /// # Errors
    ///
    /// If it names none.
    pub fn of_path(path: &Path) -> Result<Self, Error> {
        match path.extension() {
            Some(extension) if extension == "pftrace" || extension == "json" => Ok(Self::Text),
            _ => Err(Error::source(format!("{}: unknown extension: expected .pftrace or .json", path.display()))),
        }
    }
}

impl Trace {
    /// Saves the trace.
    ///
    /// # Errors
    ///
    /// If the file can't be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        Format::of_path(path)?;
        let written = std::fs::write(path, self.text().to_string());
        written.map_err(|error| Error::source(format!("{} can't be written: {error}", path.display())))
    }
}
