//! The figures as a table: for a terminal, for a page, for programs.

use super::figures::{Figures, ROWS, Row, Saved};

/// What stands where a peer has nothing that compares.
const NOTHING: &str = "–";
/// What stands before a figure if the machine was too busy.
const UNSTEADY: &str = "~";

/// A number with as many places as mean something.
pub fn number(value: f64) -> String {
    match value {
        _ if value >= 99.95 => format!("{value:.0}"),
        _ if value >= 0.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// What stands in a cell.
pub fn cell(figures: &Figures, row: Row) -> String {
    let Some(figure) = figures.rows.get(&row) else { return NOTHING.into() };
    let mark = if figure.is_steady { "" } else { UNSTEADY };
    match row {
        Row::Threads => format!("{mark}{:.2}×", figure.value),
        Row::Bytes | Row::BytesWithValues => format!("{mark}{:.0}", figure.value),
        Row::Off | Row::Collect => format!("{mark}{}", number(figure.value)),
        _ => format!("{mark}{} ({:.2}×)", number(figure.value), figure.of_floor),
    }
}

/// What stands in the last cell.
pub fn saved(figures: &Figures) -> String {
    let one = |Saved { format, rate, bytes, is_steady }: &Saved| {
        let mark = if *is_steady { "" } else { UNSTEADY };
        format!("{mark}{rate:.1} M/s, {bytes:.0} B (.{format})")
    };
    if figures.saved.is_empty() {
        return NOTHING.into();
    }
    figures.saved.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn titles() -> Vec<String> {
    let rows = ROWS.iter().map(|row| row.title().into());
    std::iter::once("peer".into()).chain(rows).chain(["save".into()]).collect()
}

fn cells(figures: &Figures) -> Vec<String> {
    let rows = ROWS.iter().map(|&row| cell(figures, row));
    std::iter::once(figures.name.into()).chain(rows).chain([saved(figures)]).collect()
}

/// As a table of Markdown.
pub fn markdown(all: &[Figures]) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let rule = format!("|---{}---|\n", "|--:".repeat(ROWS.len()) + "|");
    let rows: String = all.iter().map(|figures| line(cells(figures))).collect();
    line(titles()) + &rule + &rows
}

/// With columns of the same width.
pub fn text(all: &[Figures]) -> String {
    let lines: Vec<_> = std::iter::once(titles()).chain(all.iter().map(cells)).collect();
    let width = |at: usize| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..=ROWS.len()).map(width).collect();
    let padded = |line: &Vec<String>| {
        let [name, rows @ .., saved] = &line[..] else { return String::new() };
        let rows: String = rows.iter().zip(&widths[1..]).map(|(cell, width)| format!("  {cell:>width$}")).collect();
        format!("{name:<width$}{rows}  {saved}\n", width = widths[0])
    };
    lines.iter().map(padded).collect()
}

/// As a list of objects: values by row, in the row's unit.
pub fn json(all: &[Figures]) -> String {
    let object = |figures: &Figures| {
        let rows = figures.rows.iter().map(|(row, figure)| {
            let (value, ratio, is_steady) = (figure.value, figure.of_floor, figure.is_steady);
            format!(r#", "{}": {{"value": {value}, "of_floor": {ratio}, "steady": {is_steady}}}"#, row.key())
        });
        let saved = figures.saved.iter().map(|Saved { format, rate, bytes, is_steady }| {
            format!(r#", "saved.{format}": {{"rate": {rate}, "bytes": {bytes}, "steady": {is_steady}}}"#)
        });
        format!(r#"  {{"peer": "{}"{}}}"#, figures.name, rows.chain(saved).collect::<String>())
    };
    format!("[\n{}\n]\n", all.iter().map(object).collect::<Vec<_>>().join(",\n"))
}
