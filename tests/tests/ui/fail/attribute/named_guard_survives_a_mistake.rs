use traceme::traceme;

#[traceme(span = s, level = 0)]
fn traced() {
    s.stop();
}

fn main() {
    traced();
}
