//! Annotated `async fn`s that await each other, thirty deep, compile wherever the bare ones do.

use std::fmt::Write;
use std::fs;

use crate::build::{Code, Kind, Profile, compile_at, folder};

/// Each awaits the one before it, two times; the last one is spawned as a `Send` future, in a box.
fn source(attribute: &str, deep: usize) -> String {
    let mut source = String::from("extern crate traceme as _;\npub async fn f0(x: u64) -> u64 { x }\n");
    for depth in 1..=deep {
        let before = depth - 1;
        writeln!(
            source,
            "{attribute}\npub async fn f{depth}(x: u64, text: String) -> u64 {{\n    \
             f{before}(x + 1{}).await + f{before}(text.len() as u64{}).await\n}}",
            if before == 0 { "" } else { ", text.clone()" },
            if before == 0 { "" } else { ", text" },
        )
        .expect("a string");
    }
    source += &format!(
        "pub fn spawned() -> std::pin::Pin<Box<dyn Future<Output = u64> + Send>> {{\n    \
         Box::pin(f{deep}(1, String::new()))\n}}\n"
    );
    source
}

#[test]
fn compile_in_the_default_recursion_limit() {
    for (name, attribute, deep) in [
        ("bare", "", 30),
        ("annotated", "#[traceme::traceme]", 30),
        ("result", "#[traceme::traceme(ret, meta(x))]", 30),
        // Two futures in each other, of which the inner one is in the wrapper.
        ("header_stays", "#[traceme::traceme]\n#[must_use]", 20),
    ] {
        let folder = folder(Kind::On, Profile::Dev, Code::Annotated);
        let (file, output) = (folder.join(format!("chain_{name}.rs")), folder.join(format!("libchain_{name}.rlib")));
        fs::write(&file, source(attribute, deep)).expect("a file in that folder");
        let arguments = ["--crate-type=lib".into(), "-o".into(), output.into()];
        compile_at(Kind::On, Profile::Dev, Code::Annotated, &file, &arguments);
    }
}
