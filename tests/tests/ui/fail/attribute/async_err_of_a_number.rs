use traceme::traceme;

#[traceme(err)]
async fn count() -> u32 {
    1
}

fn main() {
    let _ = count();
}
