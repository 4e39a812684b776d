use traceme::traceme;

#[traceme(level = 256)]
trait Work {
    fn traced(&self) {}

    #[traceme(skip)]
    fn skipped(&self) {}
}

impl Work for u8 {}

fn main() {
    1.traced();
    1.skipped();
}
