use traceme::traceme;

type Found = Option<u8>;

#[traceme(err)]
fn found() -> Found {
    Some(1)
}

fn main() {
    found();
}
