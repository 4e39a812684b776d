use traceme::traceme;

#[traceme(fields(size = 1))]
fn traced() {}

fn main() {
    traced();
}
