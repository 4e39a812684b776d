use traceme::traceme;

#[traceme]
type Number = u8;

fn main() {
    let _: Number = 1;
}
