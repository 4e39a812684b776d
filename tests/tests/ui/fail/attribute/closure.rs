use traceme::traceme;

fn main() {
    let traced = #[traceme]
    |x: u8| x + 1;
    traced(1);
}
