use traceme::traceme;

#[traceme(skip_polls)]
fn traced() {}

fn main() {
    traced();
}
