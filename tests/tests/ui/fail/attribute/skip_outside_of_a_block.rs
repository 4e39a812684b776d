use traceme::traceme;

#[traceme(skip)]
fn traced() {}

fn main() {
    traced();
}
