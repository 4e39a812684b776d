use traceme::instant;

fn main() {
    instant!(1);
}
