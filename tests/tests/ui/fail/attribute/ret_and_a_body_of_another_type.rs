use traceme::traceme;

#[traceme(ret)]
fn tail(x: u8) -> u16 {
    x
}

#[traceme(ret)]
fn returns(x: u8) -> u16 {
    if x == 0 {
        return "zero";
    }
    1
}

#[traceme(ret)]
fn nothing(x: u8) -> u8 {
    x + 1;
}

fn main() {
    tail(1);
    returns(1);
    nothing(1);
}
