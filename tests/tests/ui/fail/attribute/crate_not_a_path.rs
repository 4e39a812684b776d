use traceme::traceme;

#[traceme(crate = 1)]
fn traced() {}

fn main() {
    traced();
}
