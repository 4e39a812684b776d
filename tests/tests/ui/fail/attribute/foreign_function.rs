use traceme::traceme;

unsafe extern "C" {
    #[traceme]
    safe fn abs(number: i32) -> i32;
}

fn main() {
    abs(1);
}
