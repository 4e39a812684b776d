use traceme::traceme;

#[traceme(span = x)]
async fn twice(x: u8) -> u8 {
    x
}

fn main() {
    let _ = twice(1);
}
