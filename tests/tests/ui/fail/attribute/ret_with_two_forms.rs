use traceme::traceme;

#[traceme(ret(Debug, Display))]
fn traced() -> u8 {
    1
}

fn main() {
    traced();
}
