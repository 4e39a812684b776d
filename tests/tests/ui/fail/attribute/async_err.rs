use traceme::traceme;

#[traceme(err(Debug))]
async fn traced() -> Result<u8, u8> {
    Ok(1)
}

fn main() {
    let _ = traced();
}
