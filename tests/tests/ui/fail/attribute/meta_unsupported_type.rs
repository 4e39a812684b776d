use traceme::traceme;

struct Thing;

#[traceme(meta(thing))]
fn traced(thing: Thing) {}

fn main() {
    traced(Thing);
}
