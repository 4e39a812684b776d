use traceme::span;

struct Row;

fn main() {
    let _span = span!("query", meta(row = %Row));
}
