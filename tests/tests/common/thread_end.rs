//! What the system calls when a thread ends, behind the destructors of thread-locals and behind traceme's own end.

use std::ffi::c_void;

/// What is to be called: a box in a box, of which the outer one is a single word.
type Work = Box<dyn FnOnce()>;

/// Has `work` called there, on the calling thread. Once a session was started: then traceme's key is the older one.
pub(crate) fn behind_our_end(work: impl FnOnce() + 'static) {
    extern "C" fn call(work: *mut c_void) {
        // SAFETY: what is leaked below, which comes here once.
        let work = unsafe { Box::from_raw(work.cast::<Work>()) };
        work();
    }
    let mut key = 0;
    // SAFETY: writes a key to a place for one.
    assert_eq!(unsafe { libc::pthread_key_create(&raw mut key, Some(call)) }, 0);
    let work: Box<Work> = Box::new(Box::new(work));
    // SAFETY: the key was made above.
    assert_eq!(unsafe { libc::pthread_setspecific(key, Box::into_raw(work).cast()) }, 0);
}
