use traceme::span;

fn main() {
    let _span = span!("query", level = 2 meta(a = 1));
}
