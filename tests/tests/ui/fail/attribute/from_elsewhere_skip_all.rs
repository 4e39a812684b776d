use traceme::traceme;

#[traceme(skip_all)]
fn traced() {}

fn main() {
    traced();
}
