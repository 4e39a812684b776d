//! Types of the names of primitive types.

pub struct u8;
pub struct u16;
pub struct u32;
pub struct u64;
pub struct usize;
pub struct bool;
pub struct char;

#[::traceme::traceme(level = 2, category = crate::IO, meta(n = 1 + 1, shown = %2, literal = true))]
pub fn primitives(_: u8, _: usize) -> bool {
    bool
}
