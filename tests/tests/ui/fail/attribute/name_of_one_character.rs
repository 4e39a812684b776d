use traceme::traceme;

#[traceme(name = 'l')]
fn traced() {}

fn main() {
    traced();
}
