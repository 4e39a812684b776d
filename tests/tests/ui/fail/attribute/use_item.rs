use traceme::traceme;

#[traceme]
use std::mem::{drop as forget};

fn main() {
    forget(1);
}
