use traceme::traceme;

#[traceme]
std::thread_local! {
    static NUMBER: u8 = 1;
}

fn main() {
    NUMBER.with(|_| ());
}
