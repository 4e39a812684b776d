use traceme::traceme;

#[traceme(parent = None)]
fn traced() {}

fn main() {
    traced();
}
