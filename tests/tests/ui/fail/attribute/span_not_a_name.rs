use traceme::traceme;

#[traceme(span = "s")]
fn traced() {}

fn main() {
    traced();
}
