use traceme::traceme;

#[traceme(name = 5)]
fn traced() {}

fn main() {
    traced();
}
