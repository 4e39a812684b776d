use traceme::counter;

fn main() {
    counter!("bytes", "many");
}
