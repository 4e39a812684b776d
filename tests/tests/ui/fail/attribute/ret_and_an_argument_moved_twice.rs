use traceme::traceme;

#[traceme(ret)]
fn twice(text: String) -> (String, String) {
    (text, text)
}

#[traceme(ret)]
fn not_mutable(x: u8) -> u8 {
    x += 1;
    x
}

fn main() {
    twice(String::new());
    not_mutable(1);
}
