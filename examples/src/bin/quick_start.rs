//! Records a small program and prints what it did: `cargo run --release -p examples --bin quick_start`.

#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::collections::BTreeMap;

use traceme::{Session, append, counter, instant, trace_scope, traceme};

/// The program: counts the words of some texts.
#[traceme(level = 1, meta(texts = texts.len()))]
fn count_words(texts: &[&str]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (number, text) in texts.iter().enumerate() {
        trace_scope!("text", level = 2, meta(number, bytes = text.len()));
        count_into(text, &mut counts);
        counter!("distinct words", counts.len());
    }
    counts
}

#[traceme(level = 3, span = span)]
fn count_into(text: &str, counts: &mut BTreeMap<String, usize>) {
    let mut words = 0;
    for word in text.split_whitespace() {
        *counts.entry(word.to_lowercase()).or_default() += 1;
        words += 1;
    }
    append!(span, words);
    if words == 0 {
        instant!("empty text", level = 2);
    }
}

fn main() -> Result<(), traceme::Error> {
    let session = Session::start(3)?;
    let counts = count_words(&["To be or not to be", "", "that is the question"]);
    let trace = session.stop();

    println!("{} distinct words\n", counts.len());
    println!("{}", trace.text());

    let summary = trace.summary();
    println!("{summary}");
    assert_eq!(summary.span("text").map(|text| text.count), Some(3));
    assert_eq!(trace.losses().total(), 0, "nothing was lost");
    Ok(())
}
