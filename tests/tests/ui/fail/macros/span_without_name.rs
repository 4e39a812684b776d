use traceme::span;

fn main() {
    let _span = span!(level = 2);
}
