use traceme::traceme;

#[traceme(name = "")]
fn traced() {}

fn main() {
    traced();
}
