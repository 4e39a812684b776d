use traceme::traceme;

#[traceme(skip_polls)]
fn spawns() -> std::future::Ready<u8> {
    std::future::ready(1)
}

fn main() {
    let _ = spawns();
}
