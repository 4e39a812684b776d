use traceme::traceme;

const NOTHING: u8 = 0;

#[traceme(level = NOTHING)]
fn traced() {}

fn main() {
    traced();
}
