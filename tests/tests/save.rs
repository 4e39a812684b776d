//! Saving traces to files: which formats there are, files that are whole or not there, and errors that say why.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::error::Error;
use std::fs;
#[cfg(unix)]
use std::io;
#[cfg(unix)]
use std::os::unix::fs::{PermissionsExt, symlink};
#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
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
        assert!(error.source().is_none(), "the system was not asked");
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
    symlink(folder.path("real.json"), folder.path("link.json")).unwrap();
    trace_of(2).save(folder.path("link.json")).unwrap();
    assert!(folder.path("link.json").symlink_metadata().unwrap().is_symlink());
    assert_eq!(fs::read_to_string(folder.path("real.json")).unwrap().matches("\"name\":\"span\"").count(), 2);
    assert_eq!(folder.names(), ["link.json", "real.json"]);
}

/// As a deployment has it that puts the file elsewhere: the link is there first.
#[cfg(unix)]
#[test]
fn a_link_to_nothing_stays_a_link() {
    let folder = Folder::new("dangling");
    fs::create_dir(folder.path("below")).unwrap();
    symlink("below/second.json", folder.path("first.json")).unwrap();
    symlink(folder.path("real.json"), folder.path("below/second.json")).unwrap();
    trace_of(2).save(folder.path("first.json")).unwrap();
    assert!(folder.path("first.json").symlink_metadata().unwrap().is_symlink());
    assert!(folder.path("below/second.json").symlink_metadata().unwrap().is_symlink());
    assert_eq!(fs::read_to_string(folder.path("real.json")).unwrap().matches("\"name\":\"span\"").count(), 2);
    assert_eq!(folder.names(), ["below", "first.json", "real.json"]);

    symlink("circle.json", folder.path("circle.json")).unwrap();
    assert!(trace_of(2).save(folder.path("circle.json")).unwrap_err().is_file());
    assert!(folder.path("circle.json").symlink_metadata().unwrap().is_symlink());
}

#[cfg(unix)]
#[test]
fn a_file_that_is_replaced_keeps_its_permissions() {
    let folder = Folder::new("mode");
    let path = folder.path("trace.json");
    for mode in [0o600, 0o664, 0o444] {
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        trace_of(2).save(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o7777, mode);
        assert!(fs::read_to_string(&path).unwrap().ends_with("\n]}\n"));
        fs::remove_file(&path).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn the_longest_name_can_be_saved() {
    let folder = Folder::new("longest");
    for name in ["n".repeat(250) + ".json", "\u{fffd}".repeat(83) + "1.json"] {
        assert_eq!(name.len(), 255);
        trace_of(1).save(folder.path(&name)).unwrap();
        assert_eq!(folder.names(), std::slice::from_ref(&name));
        fs::remove_file(folder.path(&name)).unwrap();
    }
}

/// What a process left behind that was killed while it saved.
#[test]
fn half_a_file_of_others_is_left_alone() {
    let folder = Folder::new("stale");
    let stale: Vec<_> = (0..10).map(|n| format!(".trace.json.{}-{n}.part", std::process::id())).collect();
    stale.iter().for_each(|name| fs::write(folder.path(name), "half").unwrap());
    trace_of(1).save(folder.path("trace.json")).unwrap();
    assert_eq!(folder.names(), [&stale[..], &["trace.json".to_string()]].concat());
    assert!(stale.iter().all(|name| fs::read_to_string(folder.path(name)).unwrap() == "half"));
}

/// What the system said when a save failed.
#[cfg(unix)]
fn system(error: &traceme::Error) -> &io::Error {
    error.source().and_then(|source| source.downcast_ref()).unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let folder = Folder::new("full");
    for name in ["trace.json", "trace.pftrace", "trace.json.gz", "trace.pftrace.gz"] {
        symlink("/dev/full", folder.path(name)).unwrap();
        let error = trace_of(1).save(folder.path(name)).unwrap_err();
        assert!(error.is_file());
        assert_eq!((system(&error).raw_os_error(), system(&error).kind()), (Some(28), io::ErrorKind::StorageFull));
        assert_eq!(error.clone(), error);
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
    let error = trace.save(&path).unwrap_err();
    assert_eq!(error.to_string(), format!("can't write {}: Broken pipe (os error 32)", path.display()));
    assert_eq!(system(&error).kind(), io::ErrorKind::BrokenPipe);
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
        io::Read::read_to_string(&mut io::Read::take(pipe, most as u64), &mut text).unwrap();
        text
    })
}

#[test]
fn threads_save_to_one_place_at_the_same_time() {
    let folder = Folder::new("threads");
    let trace = trace_of(1000);
    let (writing, mut read) = (AtomicU32::new(4), 0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                (0..20).for_each(|_| trace.save(folder.path("trace.json")).unwrap());
                writing.fetch_sub(1, Ordering::Relaxed);
            });
        }
        let mut last = false;
        while !last {
            // Once more when all are done: then it is there.
            last = writing.load(Ordering::Relaxed) == 0;
            if let Ok(json) = fs::read_to_string(folder.path("trace.json")) {
                assert!(json.ends_with("\n]}\n"), "a file is never seen half written");
                read += 1;
            }
        }
    });
    assert!(read > 0);
    assert_eq!(folder.names(), ["trace.json"]);
}
