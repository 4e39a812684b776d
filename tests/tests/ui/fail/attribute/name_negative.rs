use traceme::traceme;

#[traceme(name = -1)]
fn traced() {}

fn main() {
    traced();
}
