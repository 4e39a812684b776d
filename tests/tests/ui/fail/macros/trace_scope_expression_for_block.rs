use traceme::trace_scope;

fn main() {
    let x = trace_scope!("phase", 1 + 1);
    drop(x);
}
