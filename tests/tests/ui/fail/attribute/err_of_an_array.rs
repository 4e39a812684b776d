use traceme::traceme;

#[traceme(err)]
fn traced() -> [u8; 2] {
    [1, 2]
}

fn main() {
    traced();
}
