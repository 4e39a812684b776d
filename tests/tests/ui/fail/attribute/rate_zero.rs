use traceme::traceme;

#[traceme(rate = 0.0)]
fn f() {}

fn main() {
    f();
}
