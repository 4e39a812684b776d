use traceme::traceme;

#[traceme(level = -1)]
fn traced() {}

fn main() {
    traced();
}
