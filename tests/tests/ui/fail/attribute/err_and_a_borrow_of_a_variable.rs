use traceme::traceme;

#[traceme(err)]
fn dangles(text: &str) -> Result<&str, String> {
    let owned = text.to_string();
    Ok(&owned)
}

#[traceme(ret)]
fn outlives<'a, 'b>(_: &'a str, b: &'b str) -> &'a str {
    b
}

fn main() {
    let _ = dangles("1");
    outlives("a", "b");
}
