use traceme::traceme;

struct Opaque;

#[traceme(ret)]
async fn makes() -> Opaque {
    Opaque
}

fn main() {
    let _ = makes();
}
