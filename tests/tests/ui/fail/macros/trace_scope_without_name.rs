use traceme::trace_scope;

fn main() {
    trace_scope!(level = 2);
}
