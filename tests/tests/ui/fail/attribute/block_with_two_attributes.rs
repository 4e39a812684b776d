use traceme::traceme;

#[traceme(level = 2)]
#[traceme]
mod inner {
    pub fn traced() {}
}

fn main() {
    inner::traced();
}
