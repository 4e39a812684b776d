use traceme::traceme;

#[traceme(target = "io")]
fn traced() {}

fn main() {
    traced();
}
