use traceme::traceme;

#[traceme(alert = "5ms")]
async fn traced() -> Result<u8, u8> {
    Ok(1)
}

fn main() {
    let _ = traced();
}
