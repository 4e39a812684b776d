//! Work to annotate: functions of some 40 ns, by how much room they leave in the processor.

use std::hint::black_box;

/// One chain of multiplications: each step waits for the one before.
#[inline(always)]
pub fn chain(mut n: u64) -> u64 {
    for _ in 0..43 {
        n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5555;
    }
    n
}

/// Four chains side by side, two of which wait for another.
#[inline(always)]
pub fn wide(n: u64) -> u64 {
    let (mut a, mut b, mut c, mut d) = (n, n ^ 1, n ^ 2, n ^ 3);
    for _ in 0..42 {
        a = (a ^ (a << 7)).wrapping_add(1);
        b = (b ^ (b << 9)).wrapping_add(a);
        c = (c ^ (c << 3)).wrapping_add(5);
        d = (d ^ (d << 11)).wrapping_add(c);
    }
    a ^ b ^ c ^ d
}

/// As many additions as a processor can do at a time: what is added has to wait for its turn.
#[inline(always)]
pub fn full(n: u64) -> u64 {
    let mut sums = [n, n ^ 1, n ^ 2, n ^ 3, n ^ 4, n ^ 5];
    for step in 0..48_u64 {
        for sum in &mut sums {
            *sum = black_box(sum.wrapping_add(step));
        }
    }
    sums.iter().fold(0, |all, sum| all ^ sum)
}
