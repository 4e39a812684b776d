use traceme::traceme;

#[traceme(alert = "")]
fn traced() {}

fn main() {
    traced();
}
