use traceme::traceme;

#[traceme(level = "2")]
fn traced() {}

fn main() {
    traced();
}
