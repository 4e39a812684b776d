use traceme::traceme;

#[traceme(alert = "5mss")]
fn traced() {}

fn main() {
    traced();
}
