use traceme::traceme;

#[traceme(meta(self))]
fn traced() {}

fn main() {
    traced();
}
