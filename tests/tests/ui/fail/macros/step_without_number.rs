use traceme::step;

fn main() {
    step!("train", level = 2);
}
