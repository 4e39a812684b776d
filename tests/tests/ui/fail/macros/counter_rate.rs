fn main() {
    traceme::counter!("queue", 3, rate = 0.1);
}
