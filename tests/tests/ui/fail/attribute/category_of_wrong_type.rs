use traceme::traceme;

const IO: &str = "io";

#[traceme(category = IO)]
fn traced() {}

fn main() {
    traced();
}
