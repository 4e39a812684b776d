use traceme::traceme;

#[traceme(properties = { "size": "1" })]
fn traced() {}

fn main() {
    traced();
}
