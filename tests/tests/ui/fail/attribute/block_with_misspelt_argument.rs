use traceme::traceme;

#[traceme(catgory = IO)]
mod inner {
    pub fn traced() {}
}

fn main() {
    inner::traced();
}
