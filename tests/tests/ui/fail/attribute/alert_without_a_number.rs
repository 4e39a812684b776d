use traceme::traceme;

#[traceme(alert = "fast")]
fn traced() {}

fn main() {
    traced();
}
