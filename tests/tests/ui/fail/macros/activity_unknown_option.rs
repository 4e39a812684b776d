use traceme::activity;

fn main() {
    let _job = activity!("job", colour = 2);
}
