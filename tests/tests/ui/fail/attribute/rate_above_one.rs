use traceme::traceme;

#[traceme(rate = 1.5)]
fn f() {}

fn main() {
    f();
}
