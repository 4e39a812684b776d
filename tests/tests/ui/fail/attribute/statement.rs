use traceme::traceme;

fn main() {
    #[traceme]
    let x = 1;
    drop(x);
}
