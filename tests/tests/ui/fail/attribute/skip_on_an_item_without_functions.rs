use traceme::traceme;

#[traceme]
mod inner {
    #[traceme::traceme(skip)]
    pub struct Thing;
}

fn main() {
    let _ = inner::Thing;
}
