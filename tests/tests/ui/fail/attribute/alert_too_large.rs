use traceme::traceme;

#[traceme(alert = "99999999999s")]
fn traced() {}

fn main() {
    traced();
}
