use traceme::traceme;

#[traceme(enter_on_poll = true)]
fn traced() {}

fn main() {
    traced();
}
