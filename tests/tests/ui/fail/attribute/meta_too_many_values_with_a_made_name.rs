use traceme::traceme;

#[traceme(name = format!("x"), meta(a, b, c, d, e, f, g, h, i, j, k, l, m, n))]
fn traced() {}

fn main() {
    traced();
}
