//! A library that has a recorder of its own, and is unloaded: nothing of it is called any more.
#![cfg(target_os = "linux")]
#![allow(unsafe_code, reason = "libraries that are loaded, and forks")]
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../off/build.rs"]
#[allow(dead_code, reason = "this test uses a part of it")]
mod build;
#[path = "../common/mod.rs"]
mod common;

use std::ffi::{CString, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use build::{Code, Kind, Profile, compile};
use common::{in_child_for, span_names, spawn};
use traceme::{Session, trace_scope};

const TURNS: u64 = 1000;

fn load(file: &CString, flags: i32) -> *mut c_void {
    // SAFETY: reads a text that ends with a zero. Loading a library of ours runs nothing of it.
    unsafe { libc::dlopen(file.as_ptr(), libc::RTLD_NOW | flags) }
}

/// Loads the library, has it record on a thread, and unloads it when that thread and its own are over.
fn use_plugin(file: &CString) {
    let library = load(file, 0);
    assert!(!library.is_null());
    // SAFETY: the library was loaded, and the text ends with a zero.
    let record = unsafe { libc::dlsym(library, c"record".as_ptr()) };
    assert!(!record.is_null());
    // SAFETY: the library has a function of this name and this type.
    let record = unsafe { std::mem::transmute::<*mut c_void, extern "C" fn(u64) -> u64>(record) };
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
    let before = threads();
    assert_eq!(spawn("plugin", move || record(TURNS)).join().unwrap(), TURNS);
    while threads() > before {
        std::thread::yield_now();
    }
    // SAFETY: nothing refers to the library any more.
    assert_eq!(unsafe { libc::dlclose(library) }, 0);
    assert!(load(file, libc::RTLD_NOLOAD).is_null(), "it is still there");
}

fn ours() {
    trace_scope!("ours", level = 1);
}

#[test]
fn a_plugin_with_a_recorder_of_its_own_can_be_unloaded() {
    in_child_for(600, "a_plugin_with_a_recorder_of_its_own_can_be_unloaded", || {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libtraceme_plugin.so");
        let arguments = ["--crate-type=cdylib".into(), "-o".into(), file.clone().into_os_string()];
        compile(Kind::On, Profile::Dev, Code::Annotated, "faults_plugins/plugin.rs", &arguments);
        let file = CString::new(file.as_os_str().as_bytes()).unwrap();
        let session = Session::start(3).unwrap();
        for _ in 0..3 {
            ours();
            use_plugin(&file);
            ours();
            // SAFETY: the child calls nothing but `_exit`.
            let child = unsafe { libc::fork() };
            if child == 0 {
                // SAFETY: ends the process.
                unsafe { libc::_exit(0) };
            }
            let mut status = 0;
            // SAFETY: writes to a place for one status.
            assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
            assert_eq!(status, 0);
        }
        assert_eq!(span_names(&session.stop()), ["ours"; 6]);
    });
}
