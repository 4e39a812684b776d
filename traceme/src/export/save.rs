//! Files that are whole, or not there.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::format::Format;
use crate::error::Error;
use crate::trace::{Read, Trace};

impl Trace {
    /// Saves the trace in the format that the path's extension asks for: see [`Format`].
    ///
    /// The file is written beside its place and then moved there: it is never seen half written, and if something goes
    /// wrong, a file that was there before stays as it was. What is not a file, such as a pipe, is written directly.
    ///
    /// ```
    /// let session = traceme::Session::start(1)?;
    /// {
    ///     traceme::trace_scope!("work");
    /// }
    /// let trace = session.stop();
    /// let path = std::env::temp_dir().join("traceme-example.json");
    /// trace.save(&path)?;
    /// # assert!(std::fs::read_to_string(&path).is_ok_and(|json| json.contains("work")));
    /// # let _ = std::fs::remove_file(&path);
    /// # Ok::<(), traceme::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_file`](Error::is_file): the extension asks for no format, or the file can't be written; the error says why.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        save(self, path)
    }
}

/// Saves any recording, as [`Trace::save`] does.
///
/// ```
/// let trace = traceme::Trace::default();
/// let error = traceme::export::save(&trace, "trace.bmp").unwrap_err();
/// assert!(error.is_file() && error.to_string().contains(".pftrace"));
/// ```
///
/// # Errors
///
/// Those of [`Trace::save`].
pub fn save<R: Read>(recording: &R, path: impl AsRef<Path>) -> Result<(), Error> {
    let path = path.as_ref();
    let format = Format::of_path(path)?;
    // Through links, so that a link stays one.
    let place = path.canonicalize().unwrap_or_else(|_| path.into());
    let is_special = place.metadata().is_ok_and(|metadata| !metadata.is_file());
    if is_special {
        return direct(&place).and_then(|file| format.write(recording, file)).map_err(|error| failed(path, &error, ""));
    }
    let unchanged = if place.exists() { "; the file that was there is unchanged" } else { "" };
    let beside = beside(&place);
    let written = OpenOptions::new().write(true).create_new(true).open(&beside).and_then(|file| {
        format.write(recording, file)?;
        fs::rename(&beside, &place)
    });
    written.map_err(|error| {
        // If it is not there, there is nothing to remove.
        let _ = fs::remove_file(&beside);
        failed(path, &error, unchanged)
    })
}

fn direct(place: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).open(place)
}

/// A path in the same folder that nobody else uses.
fn beside(place: &Path) -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    // Relaxed: all that matters is that no two are the same.
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    place.with_file_name(format!(".{name}.{}-{number}.part", std::process::id()))
}

fn failed(path: &Path, error: &io::Error, unchanged: &str) -> Error {
    Error::file(format!("can't write {}: {error}{unchanged}", path.display()))
}
