use traceme::traceme;

#[traceme(name = id + 1, ret)]
fn number(id: u32) -> u32 {
    id
}

fn main() {
    number(1);
}
