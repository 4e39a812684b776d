use traceme::traceme;

#[traceme(level = 2.0)]
fn traced() {}

fn main() {
    traced();
}
