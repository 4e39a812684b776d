use traceme::traceme;

#[traceme]
static NUMBER: fn() -> u8 = || 1;

fn main() {
    NUMBER();
}
