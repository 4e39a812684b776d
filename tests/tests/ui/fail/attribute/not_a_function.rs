use traceme::traceme;

#[traceme]
pub struct Thing;

#[traceme(level = 2)]
impl Thing {
    fn method(&self) {}
}

#[traceme]
const NUMBER: u8 = 1;

#[traceme]
mod inner {
    pub fn function() {}
}

fn main() {
    Thing.method();
    inner::function();
    let _ = NUMBER;
}
