use traceme::traceme;

#[traceme(ret)]
fn traced() -> ! {
    loop {}
}

fn main() {
    traced();
}
