use traceme::{Flow, span};

fn main() {
    let (f, n) = (Flow::new(), 1);
    let _span = span!(
        name = "a".to_string(),
        flow_out = f,
        meta(a = n, b = n, c = n, d = n, e = n, f = n, g = n, h = n, i = n, j = n, k = n, l = n, m = n)
    );
}
