//! The time in `alert = "5ms"`.

use proc_macro2::Span;
use syn::{Error, Expr, ExprLit, Lit, Result};

use crate::diag::unknown;

/// From which duration on a span is flagged.
#[derive(Clone)]
pub(crate) struct Alert {
    pub(crate) nanoseconds: u64,
    /// Where it was written.
    pub(crate) span: Span,
}

/// The units, and to what power of ten nanoseconds each is.
const UNITS: [(&str, u32); 4] = [("ns", 0), ("us", 3), ("ms", 6), ("s", 9)];

impl Alert {
    /// Reads a string literal.
    pub(crate) fn read(value: &Expr) -> Result<Self> {
        match value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => match nanoseconds(&text.value()) {
                Ok(nanoseconds) => Ok(Self { nanoseconds, span: text.span() }),
                Err(message) => Err(Error::new(text.span(), message)),
            },
            _ => Err(Error::new_spanned(value, "an alert is a time in quotes, as in `alert = \"5ms\"`")),
        }
    }
}

fn nanoseconds(text: &str) -> std::result::Result<u64, String> {
    const EXAMPLE: &str = "as in `alert = \"5ms\"` or `alert = \"1.5s\"`";
    if text.is_empty() {
        return Err(format!("an alert needs a time, {EXAMPLE}"));
    }
    if text.starts_with('-') {
        return Err("an alert is a time above 0".to_string());
    }
    let number = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(number);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || fraction.is_empty() || fraction.contains('.') {
        return Err(format!("expected a number and its unit, {EXAMPLE}"));
    }
    let known = UNITS.map(|(unit, _)| unit);
    if unit.is_empty() {
        return Err(format!("this time has no unit, expected one of `{}`", known.join("`, `")));
    }
    // Both are called micro: the sign of its own, and the Greek letter.
    let ascii = unit.replace(['\u{b5}', '\u{3bc}'], "u");
    let Some((_, power)) = UNITS.iter().find(|(name, _)| *name == ascii) else {
        return Err(unknown("unit", unit, &known));
    };
    let parts = fraction.trim_end_matches('0');
    let Some(finer) = (*power as usize).checked_sub(parts.len()) else {
        return Err("an alert is a whole number of nanoseconds".to_string());
    };
    // The digits without the point, and a 0 for each that is missing to a nanosecond.
    let digits = format!("{whole}{parts}{}", "0".repeat(finer));
    match digits.parse() {
        Ok(0) => Err("an alert is a time above 0: every span takes that long".to_string()),
        Ok(nanoseconds) => Ok(nanoseconds),
        Err(_) => Err(format!("an alert of more than {} nanoseconds, 584 years, cannot be counted", u64::MAX)),
    }
}
