use traceme::traceme;

#[traceme(span = rows)]
fn query(rows: u64) -> u64 {
    rows + 1
}

fn main() {
    query(1);
}
