use traceme::traceme;

#[traceme(err(Debug))]
fn traced() {}

fn main() {
    traced();
}
