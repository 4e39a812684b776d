use traceme::span;

fn main() {
    let _span = span!("query", level = 0);
}
