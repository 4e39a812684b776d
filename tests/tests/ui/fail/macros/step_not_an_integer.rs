use traceme::step;

fn main() {
    step!("train", 1.5);
}
