//! The plot of the docs: ns a span by peer, on a logarithmic scale.
//!
//! Its colours are read on a light ground as on a dark one, since it has none of its own.

use super::figures::{Figures, Row, floor};
use super::table::number;

const WIDTH: f64 = 775.0;
/// Where bars begin, and how long the longest scale is.
const LEFT: f64 = 255.0;
const SCALE: f64 = 440.0;
const TOP: f64 = 52.0;
const BAR: f64 = 13.0;
/// From a peer to the next.
const STEP: f64 = 38.0;
/// The ends of the scale, in ns.
const FIRST: f64 = 5.0;
const TICKS: [f64; 8] = [5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];

const OURS: &str = "#2f81f7";
const THEIRS: &str = "#8b949e";
const TEXT: &str = "#7d8590";
const FLOOR: &str = "#d29922";
const TITLE: &str = "ns a span on a logarithmic scale: plain, and below it with two integers and a short text";
/// The end of a line, which a raw string can't have.
const N: char = '\n';

/// The rows that are drawn, and how opaque their bars are.
const DRAWN: [(Row, f64); 2] = [(Row::Span, 1.0), (Row::Values, 0.55)];

/// The figures as SVG: the fastest peer first.
pub fn plot(all: &[Figures]) -> String {
    let mut peers: Vec<_> = all.iter().filter(|peer| peer.rows.contains_key(&Row::Span)).collect();
    let span = |peer: &Figures| peer.rows[&Row::Span].value;
    peers.sort_by(|one, other| span(one).total_cmp(&span(other)));
    let most =
        peers.iter().flat_map(|peer| DRAWN.iter().filter_map(|(row, _)| peer.rows.get(row))).map(|figure| figure.value);
    let last = most.fold(TICKS[4], f64::max);
    let x = |ns: f64| LEFT + SCALE * (ns.max(FIRST) / FIRST).ln() / (last / FIRST).ln();
    let bottom = TOP + STEP * peers.len() as f64;
    let mut out = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="-15 0 {WIDTH} {}" font-family="system-ui, sans-serif" font-size="12" fill="{TEXT}">
<text x="0" y="18" font-size="14">{TITLE}</text>
"#,
        bottom + 24.0
    );
    for ns in TICKS.into_iter().filter(|&ns| ns <= last) {
        let (x, y) = (x(ns), bottom + 16.0);
        out += &format!(r#"<path d="M{x:.1} {TOP}V{bottom}" stroke="{TEXT}" stroke-opacity="0.25"/>{N}"#);
        out += &format!(r#"<text x="{x:.1}" y="{y}" text-anchor="middle">{ns}</text>{N}"#);
    }
    if let Some(ns) = floor(all) {
        let (x, y) = (x(ns), TOP - 6.0);
        out += &format!(r#"<path d="M{x:.1} {y}V{bottom}" stroke="{FLOOR}" stroke-dasharray="4 3"/>{N}"#);
        let y = y - 4.0;
        out += &format!(r#"<text x="{x:.1}" y="{y}" text-anchor="middle">two reads of the clock</text>{N}"#);
    }
    for (at, peer) in peers.into_iter().enumerate() {
        out += &of_peer(peer, TOP + STEP * at as f64, peer.name == all[0].name, x);
    }
    out + "</svg>\n"
}

/// The two bars of a peer, from `top` on, with their figures.
fn of_peer(peer: &Figures, top: f64, is_ours: bool, x: impl Fn(f64) -> f64) -> String {
    let (colour, weight) = if is_ours { (OURS, "bold") } else { (THEIRS, "normal") };
    let clock = if peer.is_timed { "" } else { " (no clock)" };
    let (end, middle) = (LEFT - 8.0, top + BAR + 6.0);
    let name = peer.name;
    let mut out =
        format!(r#"<text x="{end}" y="{middle}" text-anchor="end" font-weight="{weight}">{name}{clock}</text>{N}"#);
    for (at, (row, opacity)) in DRAWN.into_iter().enumerate() {
        let Some(figure) = peer.rows.get(&row) else { continue };
        let y = top + 2.0 + (BAR + 1.0) * at as f64;
        let width = x(figure.value) - LEFT;
        out += &format!(
            r#"<rect x="{LEFT}" y="{y}" width="{width:.1}" height="{BAR}" fill="{colour}" fill-opacity="{opacity}"/>{N}"#
        );
        let (x, y, mark) = (LEFT + width + 5.0, y + 11.0, if figure.is_steady { "" } else { "~" });
        let ns = number(figure.value);
        out += &format!(r#"<text x="{x:.1}" y="{y}" font-weight="{weight}">{mark}{ns}</text>{N}"#);
    }
    out
}
