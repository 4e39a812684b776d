use traceme::traceme;

#[traceme(meta(key = ))]
fn traced() {}

fn main() {
    traced();
}
