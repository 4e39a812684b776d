use traceme::traceme;

struct Thing;

#[traceme]
impl Thing {
    #[traceme(skip, level = 2)]
    fn traced(&self) {}
}

fn main() {
    Thing.traced();
}
