use traceme::traceme;

#[traceme]
macro_rules! number {
    () => {
        1
    };
}

fn main() {
    let _ = number!();
}
