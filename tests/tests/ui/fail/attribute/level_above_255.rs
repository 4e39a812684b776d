use traceme::traceme;

#[traceme(level = 256)]
fn traced() {}

fn main() {
    traced();
}
