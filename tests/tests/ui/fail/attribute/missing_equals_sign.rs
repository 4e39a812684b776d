use traceme::traceme;

#[traceme(name("load"))]
fn traced() {}

fn main() {
    traced();
}
