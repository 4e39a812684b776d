use traceme::traceme;

#[traceme(name = format!("{}", text.parse::<u8>()?), meta(n = { if text.is_empty() { return Ok(0) } 1 }))]
fn length(text: &str) -> Result<usize, std::num::ParseIntError> {
    Ok(text.len())
}

fn main() {
    let _ = length("text");
}
