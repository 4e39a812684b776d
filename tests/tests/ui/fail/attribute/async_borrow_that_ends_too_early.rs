use traceme::traceme;

#[traceme]
async fn longest(a: &str, b: String) -> &str {
    if a.len() > b.len() { a } else { &b }
}

fn main() {
    let _ = longest("", String::new());
}
