use traceme::traceme;

#[traceme(alert("5ms"))]
fn traced() {}

fn main() {
    traced();
}
