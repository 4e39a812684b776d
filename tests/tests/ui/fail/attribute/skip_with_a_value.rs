use traceme::traceme;

#[traceme]
mod inner {
    #[traceme::traceme(skip = true)]
    pub fn traced() {}
}

fn main() {
    inner::traced();
}
