use traceme::traceme;

#[traceme(meta(a = 1 b = 2))]
fn traced() {}

fn main() {
    traced();
}
