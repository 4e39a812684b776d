use traceme::traceme;

#[traceme]
const fn traced() {}

fn main() {
    traced();
}
