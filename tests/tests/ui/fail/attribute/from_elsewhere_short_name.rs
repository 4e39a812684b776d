use traceme::traceme;

#[traceme(short_name = true)]
fn traced() {}

fn main() {
    traced();
}
