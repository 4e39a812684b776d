use traceme::traced;

async fn work() {
    traced!(7, "number").await;
}

fn main() {
    let _ = work();
}
