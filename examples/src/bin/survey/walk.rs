//! The walker: finds the files, and sends them off in batches.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::Sender;
use traceme::{Flow, append, counter, instant, trace_scope, traceme};
use walkdir::{DirEntry, WalkDir};

use crate::findings::{Failure, Findings};
use crate::progress::Progress;

/// A batch is full when it has so many files, or so many bytes.
const BATCH_FILES: usize = 16;
const BATCH_BYTES: u64 = 256 << 10;

/// A file to parse.
pub(crate) struct File {
    /// Relative to the root.
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    /// The crate that it belongs to.
    pub(crate) package: Arc<str>,
}

/// Files that go to a worker together.
///
/// An arrow for each file would fill a trace viewer with arrows: the flow is the batch's.
pub(crate) struct Batch {
    pub(crate) flow: Flow,
    pub(crate) files: Vec<File>,
    bytes: u64,
}

impl Batch {
    fn new() -> Self {
        Self { flow: Flow::new(), files: Vec::new(), bytes: 0 }
    }
}

/// Sends all Rust files below `root`. Gives what it couldn't read.
#[traceme(level = 1)]
pub(crate) fn walk(root: &Path, sender: &Sender<Batch>, progress: &Progress) -> Findings {
    let mut packages = Packages::of(root);
    let mut findings = Findings::default();
    let mut batch = Batch::new();
    let mut files = 0;
    for entry in WalkDir::new(root).sort_by_file_name() {
        match entry.and_then(|entry| rust_file(root, entry, &mut packages)) {
            Ok(None) => {}
            Ok(Some(file)) => {
                files += 1;
                progress.found();
                batch.bytes += file.bytes;
                batch.files.push(file);
            }
            Err(error) => {
                let path = error.path().unwrap_or(root).display().to_string();
                instant!("can't be read", level = 2, meta(path = path.as_str(), error = %error));
                findings.failures.push(Failure { path, error: error.to_string() });
            }
        }
        if (batch.files.len() >= BATCH_FILES || batch.bytes >= BATCH_BYTES) && !send(&mut batch, sender) {
            return findings;
        }
    }
    if !batch.files.is_empty() {
        send(&mut batch, sender);
    }
    append!(files);
    findings
}

/// Sends the batch, and leaves an empty one. `false` if there is no worker any more.
///
/// The span shows how long the walker waits for room, and an arrow leads from it to the worker that takes the batch.
fn send(batch: &mut Batch, sender: &Sender<Batch>) -> bool {
    trace_scope!("send", level = 2, flow_out = batch.flow, meta(files = batch.files.len(), bytes = batch.bytes));
    let sent = sender.send(std::mem::replace(batch, Batch::new())).is_ok();
    counter!("batches queued", sender.len(), level = 2);
    sent
}

/// The file behind an entry, if it is one with Rust in it.
fn rust_file(root: &Path, entry: DirEntry, packages: &mut Packages) -> Result<Option<File>, walkdir::Error> {
    if !entry.file_type().is_file() || entry.path().extension().is_none_or(|extension| extension != "rs") {
        return Ok(None);
    }
    let bytes = entry.metadata()?.len();
    let package = packages.of_directory(entry.path().parent().unwrap_or(root));
    let path = entry.path().strip_prefix(root).unwrap_or(entry.path()).to_owned();
    Ok(Some(File { path, bytes, package }))
}

/// The names of the crates that directories belong to: of the nearest directory above that has a `Cargo.toml`.
struct Packages {
    known: HashMap<PathBuf, Arc<str>>,
}

impl Packages {
    /// Above the root there may be a crate too; if there is none, what is in no crate is counted as the root's.
    fn of(root: &Path) -> Self {
        let absolute = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let package = absolute.ancestors().find(|directory| directory.join("Cargo.toml").is_file());
        let name = package.unwrap_or(&absolute).file_name().unwrap_or_default().to_string_lossy();
        Self { known: HashMap::from([(root.to_owned(), name.into())]) }
    }

    fn of_directory(&mut self, directory: &Path) -> Arc<str> {
        if let Some(name) = self.known.get(directory) {
            return Arc::clone(name);
        }
        let name = match (directory.join("Cargo.toml").is_file(), directory.file_name(), directory.parent()) {
            (false, _, Some(above)) => self.of_directory(above),
            (_, name, _) => name.unwrap_or_default().to_string_lossy().into(),
        };
        self.known.insert(directory.to_owned(), Arc::clone(&name));
        name
    }
}
