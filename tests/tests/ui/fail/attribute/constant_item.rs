use traceme::traceme;

#[traceme(level = 2)]
const NUMBER: u8 = 1;

fn main() {
    let _ = NUMBER;
}
