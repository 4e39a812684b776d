use traceme::traceme;

#[traceme(err(level = 2))]
fn traced() -> Result<(), String> {
    Ok(())
}

fn main() {
    let _ = traced();
}
