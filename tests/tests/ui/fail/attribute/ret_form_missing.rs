use traceme::traceme;

#[traceme(ret())]
fn traced() -> u8 {
    1
}

fn main() {
    traced();
}
