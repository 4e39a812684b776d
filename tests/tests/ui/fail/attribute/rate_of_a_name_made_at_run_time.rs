use traceme::traceme;

#[traceme(name = format!("f {n}"), rate = 0.1)]
fn f(n: u32) {}

fn main() {
    f(1);
}
