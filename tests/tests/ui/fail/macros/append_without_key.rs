use traceme::{append, span};

fn main() {
    let query = span!("query");
    append!(query, 1 + 1);
}
