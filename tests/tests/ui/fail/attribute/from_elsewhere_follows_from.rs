use traceme::traceme;

#[traceme(follows_from = spans)]
fn traced() {}

fn main() {
    traced();
}
