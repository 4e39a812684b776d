use traceme::traced;

fn main() {
    let _ = traced!(async {}, level = 2);
}
