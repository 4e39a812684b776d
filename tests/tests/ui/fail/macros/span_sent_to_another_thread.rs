use traceme::span;

fn main() {
    let query = span!("query");
    std::thread::scope(|scope| {
        scope.spawn(move || query.stop());
    });
}
