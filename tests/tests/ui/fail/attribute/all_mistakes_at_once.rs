use traceme::traceme;

#[traceme(level = 0, nmae = "load", meta(a = 1, a = 2), name = "")]
fn traced() {}

fn main() {
    traced();
}
