use traceme::traceme;

#[traceme]
extern crate core as kernel;

fn main() {
    kernel::mem::drop(1);
}
