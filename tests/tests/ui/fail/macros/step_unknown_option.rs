use traceme::step;

fn main() {
    step!("train", 7, colour = 2);
}
