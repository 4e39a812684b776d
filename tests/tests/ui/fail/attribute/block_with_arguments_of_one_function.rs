use traceme::traceme;

struct Thing;

#[traceme(name = "n", ret, level = 2, err, span = s, meta(n))]
impl Thing {
    fn traced(&self, _n: u8) {}

    #[traceme(skip)]
    fn skipped(&self) {}
}

fn main() {
    Thing.traced(1);
    Thing.skipped();
}
