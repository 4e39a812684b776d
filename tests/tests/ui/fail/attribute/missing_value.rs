use traceme::traceme;

#[traceme(level)]
fn traced() {}

fn main() {
    traced();
}
