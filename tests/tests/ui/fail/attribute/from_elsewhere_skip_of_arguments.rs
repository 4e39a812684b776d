use traceme::traceme;

#[traceme(skip(data))]
fn traced() {}

fn main() {
    traced();
}
