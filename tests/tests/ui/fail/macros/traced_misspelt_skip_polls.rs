use traceme::traced;

fn main() {
    let _ = traced!(async {}, "name", level = 2, skip_poll, meta(id = 1));
}
