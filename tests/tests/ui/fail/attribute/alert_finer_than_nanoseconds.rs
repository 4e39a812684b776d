use traceme::traceme;

#[traceme(alert = "0.5ns")]
fn traced() {}

fn main() {
    traced();
}
