use traceme::traceme;

#[traceme(rate = "1%")]
fn f() {}

fn main() {
    f();
}
