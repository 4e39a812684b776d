use traceme::traceme;

#[traceme(span = s)]
async fn traced() {
    traceme::append!(s, n = 1);
}

fn main() {
    let _ = traced();
}
