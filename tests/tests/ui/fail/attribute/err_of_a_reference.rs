use traceme::traceme;

#[traceme(err)]
fn traced(result: &Result<u8, u8>) -> &Result<u8, u8> {
    result
}

fn main() {
    let _ = traced(&Ok(1));
}
