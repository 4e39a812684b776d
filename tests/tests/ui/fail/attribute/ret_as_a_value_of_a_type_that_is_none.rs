use traceme::traceme;

#[derive(Debug)]
struct NoValue;

#[traceme(ret(Value))]
fn no_value() -> NoValue {
    NoValue
}

fn main() {
    no_value();
}
