use traceme::traceme;

#[traceme(alert = "5")]
fn traced() {}

fn main() {
    traced();
}
