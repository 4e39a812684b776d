use traceme::traceme;

#[derive(Debug)]
struct Wrong;

#[traceme(ret, err)]
fn wrong(x: u8) -> Result<u8, Wrong> {
    if x == 0 {
        return Err(Wrong);
    }
    Ok(x)
}

fn main() {
    let _ = wrong(0);
}
