use traceme::traceme;

struct Opaque;

#[traceme(level = 2, ret)]
fn opaque(x: u8) -> Opaque {
    let _ = x;
    Opaque
}

fn main() {
    opaque(1);
}
