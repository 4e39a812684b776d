use traceme::traceme;

#[traceme(meta(missing))]
fn traced() {}

fn main() {
    traced();
}
