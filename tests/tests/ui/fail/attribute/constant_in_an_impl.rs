use traceme::traceme;

struct Thing;

impl Thing {
    #[traceme]
    pub const NUMBER: u8 = { 1 };
}

fn main() {
    let _ = Thing::NUMBER;
}
