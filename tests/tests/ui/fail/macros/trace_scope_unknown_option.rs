use traceme::trace_scope;

fn main() {
    trace_scope!("phase", colour = 2);
}
