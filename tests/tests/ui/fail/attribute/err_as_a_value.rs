use traceme::traceme;

#[traceme(err(Value))]
fn traced() -> Result<(), String> {
    Ok(())
}

fn main() {
    let _ = traced();
}
