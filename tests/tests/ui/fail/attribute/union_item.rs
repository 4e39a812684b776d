use traceme::traceme;

#[traceme]
union Thing {
    byte: u8,
}

fn main() {
    let _ = Thing { byte: 1 };
}
