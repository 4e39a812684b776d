use traceme::traceme;

#[traceme]
async fn traced() {}

fn main() {
    drop(traced());
}
