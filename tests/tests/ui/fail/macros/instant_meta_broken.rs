use traceme::instant;

fn main() {
    instant!("miss", meta(%key));
}
