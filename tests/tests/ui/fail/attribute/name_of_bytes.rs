use traceme::traceme;

#[traceme(name = b"load")]
fn traced() {}

fn main() {
    traced();
}
