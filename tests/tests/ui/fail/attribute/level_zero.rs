use traceme::traceme;

#[traceme(level = 0)]
fn traced() {}

fn main() {
    traced();
}
