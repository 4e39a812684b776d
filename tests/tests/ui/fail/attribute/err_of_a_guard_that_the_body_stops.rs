use traceme::traceme;

#[traceme(err, span = s)]
fn stops(x: u8) -> Result<u8, String> {
    s.stop();
    Ok(x)
}

fn main() {
    let _ = stops(1);
}
