use traceme::traced;

fn main() {
    let _ = traced!(async {}, "name", skip_poll = true);
}
