use traceme::traceme;

#[traceme(err)]
fn traced() -> (u8, u8) {
    (1, 2)
}

fn main() {
    traced();
}
