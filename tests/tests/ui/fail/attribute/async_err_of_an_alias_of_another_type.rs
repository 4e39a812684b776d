use traceme::traceme;

type Count = u32;

#[traceme(err)]
async fn count() -> Count {
    1
}

fn main() {
    let _ = count();
}
