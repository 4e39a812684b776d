use traceme::traceme;

const LEVEL: i32 = 2;

#[traceme(level = LEVEL)]
fn query() {}

fn main() {
    query();
}
