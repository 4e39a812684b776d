use traceme::traceme;

#[traceme(ret(Dbg))]
fn traced() -> u8 {
    1
}

fn main() {
    traced();
}
