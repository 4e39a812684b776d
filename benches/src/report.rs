//! The bars as a table and as JSON.

use crate::slices::Outcome;

/// A promise that can be measured.
#[derive(Clone, Copy, Debug)]
pub struct Bar {
    /// What is measured, and in what unit.
    pub name: &'static str,
    /// What the figure may be.
    pub limit: Limit,
    /// Measures it.
    pub measure: fn() -> Outcome,
}

/// What a figure may be.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// At most this.
    AtMost(f64),
    /// At least this.
    AtLeast(f64),
    /// At least the first, at most the second.
    Within(f64, f64),
}

/// A bar and what was measured.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// What is measured, and in what unit.
    pub name: String,
    /// What the figure may be.
    pub limit: Limit,
    /// What was measured.
    pub outcome: Outcome,
}

impl Verdict {
    /// Whether the bar is met. A void measurement meets none.
    pub fn is_met(&self) -> bool {
        match (&self.outcome, self.limit) {
            (&Outcome::Measured(figure, _), Limit::AtMost(most)) => figure <= most,
            (&Outcome::Measured(figure, _), Limit::AtLeast(least)) => figure >= least,
            (&Outcome::Measured(figure, _), Limit::Within(least, most)) => (least..=most).contains(&figure),
            (Outcome::Void(_), _) => false,
        }
    }

    /// The verdict as a line of a table.
    pub fn line(&self) -> String {
        let limit = match self.limit {
            Limit::AtMost(most) => format!("<= {most}"),
            Limit::AtLeast(least) => format!(">= {least}"),
            Limit::Within(least, most) => format!("{least}..{most}"),
        };
        let (figure, note) = match &self.outcome {
            Outcome::Measured(figure, note) => (number(*figure), note),
            Outcome::Void(note) => ("void".into(), note),
        };
        let met = if self.is_met() { "met" } else { "MISSED" };
        format!("{:<54} {figure:>9}  {limit:<8} {met:<7} {note}", self.name)
    }

    /// The verdict as a JSON object.
    pub fn json(&self) -> String {
        let bar = match self.limit {
            Limit::AtMost(bar) | Limit::AtLeast(bar) => bar.to_string(),
            Limit::Within(least, most) => format!("[{least}, {most}]"),
        };
        let measured = match &self.outcome {
            Outcome::Measured(figure, _) => figure.to_string(),
            Outcome::Void(_) => "null".into(),
        };
        let name = self.name.replace('\\', "\\\\").replace('"', "\\\"");
        format!(r#"{{"name": "{name}", "measured": {measured}, "bar": {bar}, "met": {}}}"#, self.is_met())
    }
}

/// The head of the table.
pub fn head() -> String {
    format!("{:<54} {:>9}  {:<8} {:<7} {}", "what", "measured", "bar", "", "in detail")
}

fn number(figure: f64) -> String {
    if figure.fract() == 0.0 { format!("{figure}") } else { format!("{figure:.3}") }
}
