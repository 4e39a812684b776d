use traceme::traceme;

#[traceme(meta(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p))]
fn traced() {}

fn main() {
    traced();
}
