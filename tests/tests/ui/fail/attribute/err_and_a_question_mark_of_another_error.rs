use traceme::traceme;

#[traceme(err)]
fn parses(text: &str) -> Result<u8, String> {
    let x: u8 = text.parse()?;
    Ok(x)
}

fn main() {
    let _ = parses("1");
}
