use traceme::traceme;

struct Thing;

#[traceme(level = 2)]
impl Thing {
    fn wrong_type(&self) -> u8 {
        "text"
    }

    fn unknown_name(&self) -> u8 {
        self.wrong_type() + missing
    }
}

fn main() {
    Thing.unknown_name();
}
