use traceme::traceme;

#[traceme(level = 2, level = 3)]
fn duplicate_0() {}

#[traceme(name = "a", name = "b")]
fn duplicate_1() {}

#[traceme(category = A, category = B)]
fn duplicate_2() {}

#[traceme(meta(a = 1), meta(b = 2))]
fn duplicate_3() {}

#[traceme(span = a, span = b)]
fn duplicate_4() {
    drop(a);
}

#[traceme(ret, ret(Display))]
fn duplicate_5() {}

#[traceme(err, err(Debug))]
fn duplicate_6() -> Result<(), String> {
    Ok(())
}

#[traceme(alert = "5ms", alert = "6ms")]
fn duplicate_7() {}

#[traceme(crate = traceme, crate = traceme)]
fn duplicate_8() {}

fn main() {
    duplicate_0();
    duplicate_1();
    duplicate_2();
    duplicate_3();
    duplicate_4();
    duplicate_5();
    let _ = duplicate_6();
    duplicate_7();
    duplicate_8();
}
