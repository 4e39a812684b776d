use traceme::counter;

fn main() {
    counter!("bytes", 1, units = "B");
}
