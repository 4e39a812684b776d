use traceme::append;

fn main() {
    let guard = 1;
    append!(guard, rows = 2);
}
