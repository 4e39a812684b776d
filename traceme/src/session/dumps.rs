//! The files of dumps: how they are called, and how many are kept.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::Error;
use crate::export::{self, Format};
use crate::instrument::costs;
use crate::record::{clock, process};
use crate::trace::Trace;

/// Counts the dumps of this process.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// Makes the folder, and finds out whether a file can be written there.
pub(super) fn prepare(folder: &Path, format: Format) -> Result<(), Error> {
    fs::create_dir_all(folder)
        .map_err(|error| Error::file(format!("can't make {}: {error}", folder.display())).caused_by(error))?;
    export::check(&folder.join(format!("traceme{format}")))
}

/// Saves a dump, and removes the oldest if there are more than `keep`.
pub(super) fn save(trace: &Trace, folder: &Path, format: Format, keep: usize, trigger: &str) -> Result<(), Error> {
    // Relaxed: a number.
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let (process, ms) = (process::id(), clock::wall_ns() / 1_000_000);
    let newest = folder.join(format!("traceme-{process}-{ms}-{number}-{trigger}{format}"));
    // What has happened can't wait for a self-test, nor can an exit that waits for this.
    costs::in_haste(|| trace.save(&newest))?;
    prune(folder, &newest, keep).map_err(|error| {
        Error::file(format!("can't remove old dumps from {}: {error}", folder.display())).caused_by(error)
    })
}

/// Keeps the dump that was just made, whatever the clock says, and the newest of the others in the folder.
fn prune(folder: &Path, newest: &Path, keep: usize) -> std::io::Result<()> {
    let mut dumps = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let age = path.file_name().and_then(|name| age_of(name.to_str()?));
        if let Some(age) = age.filter(|_| path != newest) {
            dumps.push((age, path));
        }
    }
    dumps.sort_unstable();
    let old = dumps.len().saturating_sub(keep.saturating_sub(1));
    dumps[..old].iter().try_for_each(|(_, path)| match fs::remove_file(path) {
        // Another process was faster.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    })
}

/// When a dump was made, and which one of its process it is; `None` of other files.
fn age_of(name: &str) -> Option<(u64, u64)> {
    let mut parts = name.strip_prefix("traceme-")?.splitn(4, '-');
    let mut number = || parts.next().filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?.parse::<u64>().ok();
    let (_process, ms, number) = (number()?, number()?, number()?);
    let (trigger, extension) = parts.next()?.split_once('.')?;
    let is_ours = trigger.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    (is_ours
        && !trigger.is_empty()
        && Format::try_from(extension).is_ok_and(|format| format.to_string()[1..] == *extension))
    .then_some((ms, number))
}

#[cfg(test)]
mod tests {
    use super::age_of;

    #[test]
    fn only_files_of_our_own_have_an_age() {
        for (name, age) in [
            ("traceme-7-1700000000123-5-signal-10.pftrace", Some((1_700_000_000_123, 5))),
            ("traceme-7-1-0-span-over.json.gz", Some((1, 0))),
            ("traceme-7.pftrace", None),
            ("traceme-7-1-0.pftrace", None),
            ("traceme-7-1-0-.pftrace", None),
            ("traceme-7-1-0-panic.txt", None),
            ("traceme-7-1-0-panic.my.pftrace", None),
            ("traceme-7-1-0-panic.PFTRACE", None),
            ("traceme-7-x-0-panic.pftrace", None),
            ("traceme-7-+1-0-panic.pftrace", None),
            ("my-traceme-7-1-0-panic.pftrace", None),
            ("traceme-7-1-0-Panic.pftrace", None),
        ] {
            assert_eq!(age_of(name), age, "{name}");
        }
    }
}
