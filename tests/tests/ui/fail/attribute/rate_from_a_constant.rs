use traceme::traceme;

const RATE: f64 = 2.0;

#[traceme(rate = RATE)]
fn f() {}

fn main() {
    f();
}
