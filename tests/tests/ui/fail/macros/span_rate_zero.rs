fn main() {
    let span = traceme::span!("work", rate = 0.0);
    drop(span);
}
