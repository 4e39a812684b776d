//! Files that are whole, or not there.

use std::fs::{self, File, Metadata, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};

use super::format::Format;
use crate::error::Error;
use crate::record::process;
use crate::trace::{Read, Trace};

impl Trace {
    /// Saves the trace in the format that the path's extension asks for: see [`Format`].
    ///
    /// The file is written beside its place and then moved there: it is never seen half written, and if something goes
    /// wrong, a file that was there before stays as it was. The new one has its permissions (on Unix), and a link to it
    /// stays a link. What is not a file, such as a pipe, is written directly.
    ///
    /// Where nobody knows yet what recording [costs](crate::selftest()), it is measured first: see
    /// [`export`](crate::export#costs).
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
    /// In the second case its [`source`](std::error::Error::source) is the [`io::Error`].
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
    let place = behind_links(path).map_err(|error| failed(path, error, ""))?;
    let old = place.metadata().ok();
    if old.as_ref().is_some_and(|old| !old.is_file()) {
        return direct(&place).and_then(|file| format.write(recording, file)).map_err(|error| failed(path, error, ""));
    }
    let unchanged = if old.is_some() { "; the file that was there is unchanged" } else { "" };
    let (beside, file) = create_beside(&place, random).map_err(|error| failed(path, error, unchanged))?;
    let written = keep_mode(&file, old).and_then(|()| format.write(recording, file));
    written.and_then(|()| fs::rename(&beside, &place)).map_err(|error| {
        // If that fails too, the first error is the one to tell.
        let _ = fs::remove_file(&beside);
        failed(path, error, unchanged)
    })
}

/// Finds out whether [`save`] could write a file now. What is not a file is not touched: the other end of a pipe would
/// take notice.
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) fn check(path: &Path) -> Result<(), Error> {
    let checked = behind_links(path).and_then(|place| match place.metadata() {
        Ok(there) if there.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(there) if !there.is_file() => Ok(()),
        _ => create_beside(&place, random).and_then(|(beside, _)| fs::remove_file(beside)),
    });
    checked.map_err(|error| failed(path, error, ""))
}

/// The place that a path leads to through links, so that a link stays one, also if there is nothing at its end.
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut place = path.to_path_buf();
    // As many as Linux follows.
    for _ in 0..40 {
        if let Ok(whole) = place.canonicalize() {
            return Ok(whole);
        }
        let Ok(target) = fs::read_link(&place) else { return Ok(place) };
        place = place.parent().unwrap_or(Path::new("")).join(target);
    }
    place.canonicalize()
}

fn direct(place: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).open(place)
}

/// Creates a file in the same folder, under a name that nobody else uses.
fn create_beside(place: &Path, mut number: impl FnMut() -> u64) -> io::Result<(PathBuf, File)> {
    // The name of the file is there for whoever wonders; names longer than 255 bytes can't be had.
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let name: String = name.chars().take(40).collect();
    let process = process::id();
    for _ in 0..100 {
        let beside = place.with_file_name(format!(".{name}.{process}-{:016x}.part", number()));
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Ok(file) => return Ok((beside, file)),
            // What another process left behind, or is writing: in containers many have the same id.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// The standard library's hasher is keyed by the system's random bits.
fn random() -> u64 {
    RandomState::new().hash_one(0)
}

/// Whoever could read the file that is replaced can read the new one, and nobody else, from the beginning.
#[cfg(unix)]
fn keep_mode(file: &File, old: Option<Metadata>) -> io::Result<()> {
    old.map_or(Ok(()), |old| file.set_permissions(old.permissions()))
}

#[cfg(not(unix))]
fn keep_mode(_: &File, _: Option<Metadata>) -> io::Result<()> {
    Ok(())
}

fn failed(path: &Path, error: io::Error, unchanged: &str) -> Error {
    Error::file(format!("can't write {}: {error}{unchanged}", path.display())).caused_by(error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn names_that_are_taken_are_passed_over() {
        let folder = std::env::temp_dir().join(format!("traceme-taken-{:x}", random()));
        fs::create_dir(&folder).unwrap();
        let place = folder.join("trace.json");
        let (first, _) = create_beside(&place, || 1).unwrap();
        let mut numbers = [1, 1, 2].into_iter();
        let (second, _) = create_beside(&place, || numbers.next().unwrap()).unwrap();
        assert!(first != second && first.is_file() && second.is_file());
        assert_eq!(create_beside(&place, || 1).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        fs::remove_dir_all(&folder).unwrap();
    }
}
