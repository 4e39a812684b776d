use traceme::traceme;

struct Thing;

impl Thing {
    #[traceme(level = 2)]
    pub const unsafe fn traced(&self) {}
}

fn main() {
    unsafe { Thing.traced() };
}
