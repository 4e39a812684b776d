use traceme::activity;

fn main() {
    let _job = activity!(level = 2);
}
