use traceme::append;

fn main() {
    append!();
}
