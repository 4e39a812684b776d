//! Files that are whole, or not there.

use std::fs::{self, File, Metadata, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};

use super::format::{Format, GZIP};
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
    let rename = |beside: &Path, place: &Path| fs::rename(beside, place).map(|()| path.to_path_buf());
    write(path, |file| format.write(recording, file), rename).map(drop)
}

/// Writes a file as [`save`] does, but replaces none, unless that is an old one: else it gets a number. Gives the file.
pub(crate) fn save_new(
    path: &Path,
    is_old: impl Fn(&Path) -> bool,
    writes: impl FnOnce(File) -> io::Result<()>,
) -> Result<PathBuf, Error> {
    write(path, writes, |beside, place| {
        if is_old(place) {
            // Of several processes that save here one takes it away: the others find nothing, or that one's file, which goes
            // back.
            let taken = beside.with_extension("old");
            let is_taken = fs::rename(place, &taken).is_ok();
            if is_taken && (is_old(&taken) || fs::hard_link(&taken, place).is_ok()) {
                let _ = fs::remove_file(&taken);
            } else if is_taken && place.symlink_metadata().is_err() {
                let _ = fs::rename(&taken, place);
            }
        }
        for number in 1..MOST {
            let (free, named) = (numbered(place, number), if number == 1 { path } else { place });
            // A link is made only where nothing is.
            match fs::hard_link(beside, &free) {
                Ok(()) => {
                    // What it was written to may stay: the trace is where it should be.
                    let _ = fs::remove_file(beside);
                    return Ok(numbered(named, number));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                // Not all file systems have links.
                Err(_) if free.symlink_metadata().is_err() => {
                    return fs::rename(beside, &free).map(|()| numbered(named, number));
                }
                Err(_) => {}
            }
        }
        let message = format!("{} files of this name are there: remove some, or choose another name", MOST - 1);
        Err(io::Error::new(io::ErrorKind::AlreadyExists, message))
    })
}

/// How many files of one name there can be.
const MOST: u32 = 10_000;

/// `trace.json.gz`, `trace-2.json.gz`, ..
fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return path.to_path_buf();
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (name, gzip) = name.strip_suffix(GZIP).map_or((&*name, ""), |name| (name, GZIP));
    let (stem, extension) = name.split_at(name.rfind('.').unwrap_or(name.len()));
    path.with_file_name(format!("{stem}-{number}{extension}{gzip}"))
}

/// Writes a file beside the place that a path leads to, and has it moved there; what is not a file is written directly.
fn write(
    path: &Path,
    writes: impl FnOnce(File) -> io::Result<()>,
    moves: impl FnOnce(&Path, &Path) -> io::Result<PathBuf>,
) -> Result<PathBuf, Error> {
    let place = behind_links(path).map_err(|error| failed(path, error, ""))?;
    let old = place.metadata().ok();
    if old.as_ref().is_some_and(|old| !old.is_file()) {
        let written = direct(&place).and_then(writes);
        return written.map(|()| path.to_path_buf()).map_err(|error| failed(path, error, ""));
    }
    let unchanged = if old.is_some() { "; the file that was there is unchanged" } else { "" };
    let (beside, file) = create_beside(&place, random).map_err(|error| failed(path, error, unchanged))?;
    let written = keep_mode(&file, old).and_then(|()| writes(file));
    written.and_then(|()| moves(&beside, &place)).map_err(|error| {
        // If that fails too, the first error is the one to tell.
        let _ = fs::remove_file(&beside);
        failed(path, error, unchanged)
    })
}

/// Finds out whether [`save`] could write a file now. What is not a file is not touched: the other end of a pipe would
/// take notice.
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
    fn a_number_stands_before_the_extension() {
        for (name, second) in [
            ("a.json", "a-2.json"),
            ("a.b.json.gz", "a.b-2.json.gz"),
            ("/a.d/traceme-7.pftrace", "/a.d/traceme-7-2.pftrace"),
            ("a", "a-2"),
        ] {
            assert_eq!((numbered(name.as_ref(), 1), numbered(name.as_ref(), 2)), (name.into(), second.into()));
        }
    }

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
