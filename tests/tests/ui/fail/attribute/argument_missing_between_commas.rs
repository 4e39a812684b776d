use traceme::traceme;

#[traceme(level = 2,, name = "load")]
fn traced() {}

fn main() {
    traced();
}
