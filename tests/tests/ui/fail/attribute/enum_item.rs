use traceme::traceme;

/// Documented.
#[traceme]
enum Thing {
    Small,
}

fn main() {
    let _ = Thing::Small;
}
