use traceme::traceme;

#[traceme(meta(%n, "key" = 1))]
fn traced(_n: u8) {}

fn main() {
    traced(1);
}
