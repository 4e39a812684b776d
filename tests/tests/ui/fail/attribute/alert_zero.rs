use traceme::traceme;

#[traceme(alert = "0ms")]
fn traced() {}

fn main() {
    traced();
}
