use traceme::traceme;

#[traceme(err)]
fn traced() -> Result<Vec<impl Clone>, String> {
    Ok(vec![1])
}

fn main() {
    let _ = traced();
}
