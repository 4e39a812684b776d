use traceme::traceme;

#[traceme(ret, span = s)]
fn stops(x: u8) -> u8 {
    if x == 0 {
        s.stop();
    }
    x
}

fn main() {
    stops(1);
}
