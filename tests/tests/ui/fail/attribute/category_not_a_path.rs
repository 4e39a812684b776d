use traceme::traceme;

#[traceme(category = "io")]
fn traced() {}

fn main() {
    traced();
}
