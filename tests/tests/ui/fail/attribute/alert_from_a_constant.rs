use traceme::traceme;

#[traceme(alert = LIMIT)]
fn traced() {}

fn main() {
    traced();
}
