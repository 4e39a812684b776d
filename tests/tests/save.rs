//! Saving traces to files: which formats there are, files that are whole or not there, and errors that say why.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::fs;
#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;
use std::thread;

use common::{in_child, traced};
use traceme::export::Format;
use traceme::{Trace, trace_scope};

/// A folder for one test, which is removed.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("traceme-{test}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The names of all files.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(&self.0).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn trace_of(spans: u64) -> Trace {
    traced(1, || {
        for _ in 0..spans {
            trace_scope!("span");
        }
    })
}

#[test]
fn every_format_has_its_extension() {
    let folder = Folder::new("formats");
    let trace = trace_of(3);
    for (name, start) in [
        ("trace.json", &b"{\"displayTimeUnit\":\"ns\""[..]),
        ("trace.JSON", b"{\"displayTimeUnit\":\"ns\""),
        ("trace.pftrace", &[0x0a]),
        ("trace.json.gz", &[0x1f, 0x8b]),
        ("trace.pftrace.gz", &[0x1f, 0x8b]),
    ] {
        trace.save(folder.path(name)).unwrap();
        let bytes = fs::read(folder.path(name)).unwrap();
        assert!(bytes.starts_with(start), "{name}: {:?}", &bytes[..20]);
    }
    let json = fs::read_to_string(folder.path("trace.json")).unwrap();
    assert_eq!(json.matches("\"name\":\"span\"").count(), 3);
    assert_eq!(folder.names().len(), 5, "nothing else is left: {:?}", folder.names());
}

#[test]
fn an_unknown_extension_is_an_error_that_lists_the_known_ones() {
    let folder = Folder::new("unknown");
    let trace = trace_of(1);
    for name in ["trace", "trace.txt", "trace.gz", "json", "trace.json.zip", ".pftrace.bz2"] {
        let error = trace.save(folder.path(name)).unwrap_err();
        assert!(error.is_file());
        let path = folder.path(name);
        let expected = format!(
            "{}: no format has this extension: use .json or .pftrace, or one of these with .gz behind it",
            path.display()
        );
        assert_eq!(error.to_string(), expected);
        assert_eq!(Format::of_path(&path), Err(error));
    }
    assert!(folder.names().is_empty());
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let folder = Folder::new("folder");
    let trace = trace_of(1);
    let path = folder.path("no/such/trace.json");
    let error = trace.save(&path).unwrap_err().to_string();
    assert_eq!(error, format!("can't write {}: No such file or directory (os error 2)", path.display()));
    // Where a folder of that name is, and where a file is in the place of a folder.
    fs::create_dir(folder.path("folder.json")).unwrap();
    assert!(trace.save(folder.path("folder.json")).unwrap_err().to_string().contains("Is a directory"));
    fs::write(folder.path("file"), "").unwrap();
    assert!(trace.save(folder.path("file/trace.json")).unwrap_err().to_string().contains("Not a directory"));
    assert_eq!(folder.names(), ["file", "folder.json"]);
}

/// A system folder in which nobody can make files, not even root.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let error = trace_of(1).save("/proc/self/trace.pftrace").unwrap_err().to_string();
    assert!(error.starts_with("can't write /proc/self/trace.pftrace: "), "{error}");
}

#[cfg(unix)]
#[test]
fn saving_replaces_the_old_file_and_follows_links() {
    let folder = Folder::new("replace");
    fs::write(folder.path("real.json"), "old").unwrap();
    std::os::unix::fs::symlink(folder.path("real.json"), folder.path("link.json")).unwrap();
    trace_of(2).save(folder.path("link.json")).unwrap();
    assert!(folder.path("link.json").symlink_metadata().unwrap().is_symlink());
    assert_eq!(fs::read_to_string(folder.path("real.json")).unwrap().matches("\"name\":\"span\"").count(), 2);
    assert_eq!(folder.names(), ["link.json", "real.json"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let folder = Folder::new("full");
    for name in ["trace.json", "trace.pftrace", "trace.json.gz", "trace.pftrace.gz"] {
        std::os::unix::fs::symlink("/dev/full", folder.path(name)).unwrap();
        let error = trace_of(1).save(folder.path(name)).unwrap_err();
        assert!(error.is_file());
        let path = folder.path(name);
        assert_eq!(error.to_string(), format!("can't write {}: No space left on device (os error 28)", path.display()));
    }
}

/// A limit on the size of files stands for a full disk: it stops writing in the middle.
#[cfg(unix)]
#[test]
#[allow(unsafe_code, reason = "a limit of the process")]
fn a_disk_that_fills_up_leaves_the_old_file() {
    in_child("a_disk_that_fills_up_leaves_the_old_file", || {
        let folder = Folder::new("fills-up");
        let trace = trace_of(100_000);
        let limit = libc::rlimit { rlim_cur: 1 << 20, rlim_max: libc::RLIM_INFINITY };
        // SAFETY: both calls only set what the process does beyond the limit.
        unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
        // SAFETY: as above.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit) }, 0);
        for name in ["trace.json", "trace.pftrace"] {
            let path = folder.path(name);
            let missing = trace.save(&path).unwrap_err().to_string();
            assert_eq!(missing, format!("can't write {}: File too large (os error 27)", path.display()));
            fs::write(&path, "old").unwrap();
            let kept = trace.save(&path).unwrap_err().to_string();
            assert_eq!(kept, missing + "; the file that was there is unchanged");
            assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        }
        assert_eq!(folder.names(), ["trace.json", "trace.pftrace"], "nothing half written is left");
    });
}

#[cfg(unix)]
#[test]
#[allow(unsafe_code, reason = "a pipe with a name")]
fn a_pipe_is_written_directly_and_may_close() {
    let folder = Folder::new("pipe");
    let path = folder.path("pipe.json");
    let name = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
    // SAFETY: the name is a string that ends with 0.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    let trace = trace_of(100_000);
    let all = read_pipe(&path, usize::MAX);
    trace.save(&path).unwrap();
    assert!(all.join().unwrap().ends_with("\n]}\n"));
    let first = read_pipe(&path, 1);
    let error = trace.save(&path).unwrap_err().to_string();
    assert_eq!(error, format!("can't write {}: Broken pipe (os error 32)", path.display()));
    first.join().unwrap();
    assert_eq!(folder.names(), ["pipe.json"]);
}

/// Reads up to so many bytes of a pipe, then closes it.
#[cfg(unix)]
fn read_pipe(path: &Path, most: usize) -> thread::JoinHandle<String> {
    let path = path.to_owned();
    common::spawn("reader", move || {
        let mut text = String::new();
        let pipe = fs::File::open(path).unwrap();
        std::io::Read::read_to_string(&mut std::io::Read::take(pipe, most as u64), &mut text).unwrap();
        text
    })
}

#[test]
fn threads_save_to_one_place_at_the_same_time() {
    let folder = Folder::new("threads");
    let trace = trace_of(1000);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..20).for_each(|_| trace.save(folder.path("trace.json")).unwrap()));
        }
        for _ in 0..200 {
            if let Ok(json) = fs::read_to_string(folder.path("trace.json")) {
                assert!(json.ends_with("\n]}\n"), "a file is never seen half written");
            }
        }
    });
    assert_eq!(folder.names(), ["trace.json"]);
}
