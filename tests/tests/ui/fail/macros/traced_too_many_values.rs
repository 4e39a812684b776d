use traceme::traced;

fn main() {
    let n = 1;
    let _ = traced!(
        async {},
        "name",
        meta(a = n, b = n, c = n, d = n, e = n, f = n, g = n, h = n, i = n, j = n, k = n, l = n, m = n, o = n)
    );
}
