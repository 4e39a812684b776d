use traceme::traceme;

#[traceme(level = 2)]
#[traceme(name = "again")]
fn traced() {}

fn main() {
    traced();
}
