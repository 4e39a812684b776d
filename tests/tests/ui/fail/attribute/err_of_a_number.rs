use traceme::traceme;

#[traceme(err)]
fn traced() -> u8 {
    1
}

fn main() {
    traced();
}
