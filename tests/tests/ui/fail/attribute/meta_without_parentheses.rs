use traceme::traceme;

#[traceme(meta = 1)]
fn traced() {}

fn main() {
    traced();
}
