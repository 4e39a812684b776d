use traceme::traceme;

#[traceme(ret = true)]
fn traced() -> u8 {
    1
}

fn main() {
    traced();
}
