use traceme::traceme;

#[track_caller]
#[traceme(ret)]
fn traced() -> u8 {
    1
}

fn main() {
    traced();
}
