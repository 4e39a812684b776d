use traceme::traceme;

#[traceme(meta(key 1))]
fn traced() {}

fn main() {
    traced();
}
