use traceme::traceme;

#[traceme(err)]
fn traced() -> ! {
    loop {}
}

fn main() {
    traced();
}
