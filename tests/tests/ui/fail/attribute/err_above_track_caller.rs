use traceme::traceme;

#[traceme(level = 2, err(Debug))]
#[track_caller]
fn traced() -> Result<(), String> {
    Ok(())
}

fn main() {
    let _ = traced();
}
