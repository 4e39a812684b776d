use traceme::traceme;

#[traceme(ret(Display), err)]
fn generic<T>(x: T) -> Result<T, String> {
    Ok(x)
}

fn main() {
    let _ = generic(1);
}
