//! Memory that is kept for the rest of the process, and is none of the allocator's: a signal handler that has interrupted that
//! may need it.
//!
//! Arrays are cut from regions of a MiB: a mapping for each would make a `fork` slow where there are many threads. Nobody waits
//! here, and a child made by `fork` goes on where its parent was.
#![allow(unsafe_code, reason = "system calls, and memory that is not the allocator's")]

use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::{ptr, slice};

const REGION: usize = 1 << 20;
/// Where arrays begin: what two threads write lies in no two neighbouring lines of a processor's cache.
const ALIGNMENT: usize = 128;

/// What a region begins with.
#[repr(align(128))]
struct Region {
    /// How many of its bytes are taken, or were asked for in vain.
    used: AtomicUsize,
}

/// The region that arrays are cut from; none at first.
static CURRENT: AtomicPtr<Region> = AtomicPtr::new(ptr::null_mut());

/// So many values, kept for the rest of the process; `None` if the system gives no memory.
pub(crate) fn keep<T: Sync + 'static>(count: usize, value: impl Fn() -> T) -> Option<&'static [T]> {
    const { assert!(align_of::<T>() <= ALIGNMENT, "arrays begin at multiples of this") };
    let bytes = count.checked_mul(size_of::<T>())?.checked_next_multiple_of(ALIGNMENT)?;
    let start = if bytes > REGION / 4 { map(bytes)? } else { cut(bytes)? }.cast::<T>();
    for at in 0..count {
        // `wrapping_add` leaves the memory nowhere: it has `count` places.
        let place = start.wrapping_add(at);
        // SAFETY: the place is in the memory above, aligned, and nobody else knows it.
        unsafe { place.write(value()) };
    }
    // SAFETY: `count` values were written one behind the other, and are never moved, dropped or unmapped.
    Some(unsafe { slice::from_raw_parts(start, count) })
}

/// So many bytes of a region, a multiple of [`ALIGNMENT`], that nobody else has.
fn cut(bytes: usize) -> Option<*mut u8> {
    loop {
        // Acquire: pairs with the exchange below, behind which what the region begins with is there.
        let region = CURRENT.load(Ordering::Acquire);
        // SAFETY: regions are never unmapped once they are to be found here, and begin with one of these.
        if let Some(Region { used }) = unsafe { region.as_ref() } {
            // Relaxed: each byte is given once; the memory itself is new.
            let at = used.fetch_add(bytes, Ordering::Relaxed);
            if at + bytes <= REGION {
                return Some(region.cast::<u8>().wrapping_add(at));
            }
        }
        let new = map(REGION)?.cast::<Region>();
        // SAFETY: the mapping is large enough and aligned to a page, and nobody else knows it.
        unsafe { new.write(Region { used: AtomicUsize::new(size_of::<Region>()) }) };
        // AcqRel: whoever finds it finds what it begins with; and we, if another thread was faster, what that one begins with.
        if CURRENT.compare_exchange(region, new, Ordering::AcqRel, Ordering::Acquire).is_err() {
            // SAFETY: the whole mapping above, which nobody knows.
            unsafe { libc::munmap(new.cast(), REGION) };
        }
    }
}

fn map(bytes: usize) -> Option<*mut u8> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANON;
    // SAFETY: a new private mapping at an address that the kernel chooses touches no memory that is in use.
    let start = unsafe { libc::mmap(ptr::null_mut(), bytes, protection, flags, -1, 0) };
    (start != libc::MAP_FAILED).then(|| start.cast())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::AtomicU64;
    use std::thread;

    use super::*;

    #[test]
    fn no_two_threads_get_the_same_memory() {
        const THREADS: usize = 8;
        const ARRAYS: usize = 500;
        let keep_all = |thread: usize| {
            let words = |array: usize| 1 + (thread + array) % 700;
            let arrays: Vec<&'static [AtomicU64]> =
                (0..ARRAYS).filter_map(|array| keep(words(array), || AtomicU64::new(thread as u64))).collect();
            assert!(arrays.iter().enumerate().all(|(array, values)| values.len() == words(array)));
            arrays
        };
        let all: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || keep_all(thread))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        let values = all.iter().zip(0..).all(|(arrays, thread)| {
            arrays.iter().copied().flatten().all(|value| value.load(Ordering::Relaxed) == thread)
        });
        assert!(values, "another thread has written there");
        let places: BTreeSet<usize> = all.iter().flatten().map(|array| array.as_ptr().addr()).collect();
        assert_eq!(places.len(), THREADS * ARRAYS);
        assert!(places.iter().all(|place| place % ALIGNMENT == 0));
        let large = keep(REGION / 8, || AtomicU64::new(7)).expect("memory");
        assert!(large.iter().all(|value| value.load(Ordering::Relaxed) == 7));
    }
}
