use traceme::traceme;

#[traceme(ret)]
fn traced() -> impl Iterator<Item = u8> {
    [1].into_iter()
}

fn main() {
    traced().next();
}
