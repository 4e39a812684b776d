use traceme::traceme;

#[traceme]
pub struct Thing;

fn main() {
    let _ = Thing;
}
