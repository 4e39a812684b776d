use traceme::traceme;

#[traceme(levle = 2)]
fn traced() {}

fn main() {
    traced();
}
