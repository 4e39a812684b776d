//! Windows: thread ids and names, the process's memory, what is called when `main` returns.
#![allow(unsafe_code, reason = "system calls")]

use windows_sys::Win32::Foundation::{FARPROC, FILETIME, HANDLE, LocalFree};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleA, GetProcAddress};
use windows_sys::Win32::System::ProcessStatus::{K32GetProcessMemoryInfo, PROCESS_MEMORY_COUNTERS};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetCurrentThread, GetCurrentThreadId, GetProcessTimes};

use crate::record::args::floor_char_boundary;
use crate::record::name::Name;

/// The id that the system gives the thread.
pub(crate) fn thread_id() -> u32 {
    // SAFETY: the call takes no arguments and can't fail.
    unsafe { GetCurrentThreadId() }
}

/// `GetThreadDescription`: gives 0 or more, and a text that is to be freed, if it could be had.
type Describe = unsafe extern "system" fn(HANDLE, *mut *mut u16) -> i32;

/// The thread's name as the system knows it, which is where `std` puts the one that it was given; empty before Windows 10
/// 1607. Asking `std` could allocate in the middle of an allocator, and panics while a thread ends.
pub(crate) fn thread_name() -> Name {
    // Looked for, not linked: a program with a function that is missing isn't even started.
    // SAFETY: the name ends with a zero. The library is in each process, for as long as that runs.
    let library = unsafe { GetModuleHandleA(c"kernelbase.dll".as_ptr().cast()) };
    // SAFETY: a library that was found, or none, where no function is found; the name ends with a zero.
    let found = unsafe { GetProcAddress(library, c"GetThreadDescription".as_ptr().cast()) };
    // SAFETY: the function of this name is of this type; both are addresses of functions, or nothing.
    let Some(describe) = (unsafe { std::mem::transmute::<FARPROC, Option<Describe>>(found) }) else {
        return Name::default();
    };
    let mut text = std::ptr::null_mut();
    // SAFETY: the call takes no arguments and can't fail.
    let thread = unsafe { GetCurrentThread() };
    // SAFETY: the thread runs, and the text's address is written to a place for one.
    if unsafe { describe(thread, &raw mut text) } < 0 || text.is_null() {
        return Name::default();
    }
    // SAFETY: each of these words is in the text or is the zero at its end, behind which nothing is looked at.
    let length = (0..).take_while(|&at| unsafe { *text.add(at) } != 0).count();
    // SAFETY: that many words were looked at above, and nobody else has the text.
    let name = String::from_utf16_lossy(unsafe { std::slice::from_raw_parts(text, length) });
    // SAFETY: the text is of the function above, and isn't used any more.
    unsafe { LocalFree(text.cast()) };
    Name::new(name.bytes().take(floor_char_boundary(&name, Name::MOST)))
}

/// How much memory the process has, in bytes: its working set; `None` if the system doesn't say.
pub(crate) fn resident_bytes() -> Option<u64> {
    let mut counters = PROCESS_MEMORY_COUNTERS::default();
    counters.cb = u32::try_from(size_of_val(&counters)).ok()?;
    // SAFETY: the call takes no arguments and can't fail.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: writes at most as many bytes as the last argument says to a place for that many.
    let told = unsafe { K32GetProcessMemoryInfo(process, &raw mut counters, counters.cb) };
    (told != 0).then(|| u64::try_from(counters.WorkingSetSize).ok()).flatten()
}

/// How long the process has run on processors so far, all threads together, in nanoseconds.
pub(crate) fn processor_ns() -> Option<u64> {
    let [mut created, mut ended, mut in_system, mut in_program] = [FILETIME::default(); 4];
    // SAFETY: the call takes no arguments and can't fail.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: each time is written to a place for one.
    let told =
        unsafe { GetProcessTimes(process, &raw mut created, &raw mut ended, &raw mut in_system, &raw mut in_program) };
    // In units of 100 ns.
    let ns = |time: FILETIME| (u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime)) * 100;
    (told != 0).then(|| ns(in_system) + ns(in_program))
}

/// Has a function called when `main` returns; `false` if the runtime takes no more of them.
pub(crate) fn at_exit(function: extern "C" fn()) -> bool {
    // SAFETY: the C runtime that every Rust program on Windows is linked with has this function, for functions of this
    // type, which can be called at any time.
    unsafe extern "C" {
        safe fn atexit(function: extern "C" fn()) -> i32;
    }
    atexit(function) == 0
}
