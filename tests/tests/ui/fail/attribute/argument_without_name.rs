use traceme::traceme;

#[traceme("load")]
fn traced() {}

fn main() {
    traced();
}
