use traceme::traceme;

#[traceme(meta(key = 1, other = 2, key = 3))]
fn traced() {}

fn main() {
    traced();
}
