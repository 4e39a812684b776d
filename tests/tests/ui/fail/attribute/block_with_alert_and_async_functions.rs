use traceme::traceme;

#[traceme(alert = "5ms")]
mod inner {
    pub async fn first() {}

    pub fn between() {}

    #[inline]
    pub async fn second() {}
}

fn main() {
    let _ = (inner::first(), inner::between(), inner::second());
}
