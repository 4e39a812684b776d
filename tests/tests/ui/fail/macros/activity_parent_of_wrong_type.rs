use traceme::{activity, span};

fn main() {
    let outer = span!("outer");
    let _job = activity!("job", parent = &outer);
}
