//! What is written, of two peers that are made up.

use super::figures::{Faster, Figure, Figures, Row, faster, line, saved_line, unknown};
use super::page::{Note, page};
use super::plot::plot;
use super::table::{json, markdown, text};

/// The first needs 20 ns of 20 for a span, the second 80, and knows no values.
fn two() -> [Figures; 2] {
    let mut ours = Figures { name: "ours", is_timed: true, ..Figures::default() };
    ours.read("off 0.25 0.0125 1\nspan 20 1 1\nvalues 30 1.5 1\nthreads 1.98 0.99 1\nbytes 16 0 1\ncollect 3.46 0 1\n");
    ours.read("saved.json 10 93 1\n");
    let mut theirs = Figures { name: "theirs", is_timed: true, ..Figures::default() };
    theirs.read("off 0.2 0.01 1\nspan 80 4 0\nbytes 14 0 1\nsaved.bin 11.04 32 0\ncollect 2 0 1\n");
    [ours, theirs]
}

#[test]
fn a_steady_figure_stays_and_another_is_replaced() {
    let [mut ours, mut theirs] = two();
    ours.read("span 99 9 1\n");
    theirs.read("span 79 3.9 0\n");
    theirs.read("span 78 3.8 1\n");
    theirs.read("saved.bin 12 32 1\n");
    assert_eq!((ours.rows[&Row::Span].value, theirs.rows[&Row::Span].value), (20.0, 78.0));
    assert!(theirs.rows[&Row::Span].is_steady);
    assert_eq!((theirs.saved.len(), theirs.saved[0].rate), (1, 12.0));
}

#[test]
fn what_is_printed_is_what_is_read() {
    let [mut again, _] = [Figures { name: "ours", is_timed: true, ..Figures::default() }, Figures::default()];
    let ours = &two()[0];
    let rows: String = ours.rows.iter().map(|(&row, &figure)| line(row, figure)).collect();
    again.read(&(rows + &saved_line(&ours.saved[0])));
    assert_eq!(again, *ours);
}

#[test]
fn the_text() {
    let expected = "\
peer    off, ns       span, ns  span with values, ns  instant, ns  span, 8 deep, ns  2 threads  bytes  with values  collect, ns  save
ours       0.25   20.0 (1.00×)          30.0 (1.50×)            –                 –      1.98×     16            –          3.5  10.0 M/s, 93 B (.json)
theirs     0.20  ~80.0 (4.00×)                     –            –                 –          –     14            –          2.0  ~11.0 M/s, 32 B (.bin)
";
    assert_eq!(text(&two()), expected);
}

#[test]
fn the_markdown() {
    let expected = "\
| peer | off, ns | span, ns | span with values, ns | instant, ns | span, 8 deep, ns | 2 threads | bytes | with values | collect, ns | save |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|
| ours | 0.25 | 20.0 (1.00×) | 30.0 (1.50×) | – | – | 1.98× | 16 | – | 3.5 | 10.0 M/s, 93 B (.json) |
| theirs | 0.20 | ~80.0 (4.00×) | – | – | – | – | 14 | – | 2.0 | ~11.0 M/s, 32 B (.bin) |
";
    assert_eq!(markdown(&two()), expected);
}

#[test]
fn the_json() {
    let [_, theirs] = two();
    let expected = r#"[
  {"peer": "theirs", "off": {"value": 0.2, "of_floor": 0.01, "steady": true}, "span": {"value": 80, "of_floor": 4, "steady": false}, "bytes": {"value": 14, "of_floor": 0, "steady": true}, "collect": {"value": 2, "of_floor": 0, "steady": true}, "saved.bin": {"rate": 11.04, "bytes": 32, "steady": false}}
]
"#;
    assert_eq!(json(&[theirs]), expected);
}

#[test]
fn the_plot() {
    let expected = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="-15 0 775 152" font-family="system-ui, sans-serif" font-size="12" fill="#7d8590">
<text x="0" y="18" font-size="14">ns a span on a logarithmic scale: plain, and below it with two integers and a short text</text>
<path d="M255.0 52V128" stroke="#7d8590" stroke-opacity="0.25"/>
<text x="255.0" y="144" text-anchor="middle">5</text>
<path d="M356.8 52V128" stroke="#7d8590" stroke-opacity="0.25"/>
<text x="356.8" y="144" text-anchor="middle">10</text>
<path d="M458.6 52V128" stroke="#7d8590" stroke-opacity="0.25"/>
<text x="458.6" y="144" text-anchor="middle">20</text>
<path d="M593.2 52V128" stroke="#7d8590" stroke-opacity="0.25"/>
<text x="593.2" y="144" text-anchor="middle">50</text>
<path d="M695.0 52V128" stroke="#7d8590" stroke-opacity="0.25"/>
<text x="695.0" y="144" text-anchor="middle">100</text>
<path d="M458.6 46V128" stroke="#d29922" stroke-dasharray="4 3"/>
<text x="458.6" y="42" text-anchor="middle">two reads of the clock</text>
<text x="247" y="71" text-anchor="end" font-weight="bold">ours</text>
<rect x="255" y="54" width="203.6" height="13" fill="#2f81f7" fill-opacity="1"/>
<text x="463.6" y="65" font-weight="bold">20.0</text>
<rect x="255" y="68" width="263.2" height="13" fill="#2f81f7" fill-opacity="0.55"/>
<text x="523.2" y="79" font-weight="bold">30.0</text>
<text x="247" y="109" text-anchor="end" font-weight="normal">theirs</text>
<rect x="255" y="92" width="407.2" height="13" fill="#8b949e" fill-opacity="1"/>
<text x="667.2" y="103" font-weight="normal">~80.0</text>
</svg>
"##;
    assert_eq!(plot(&two()), expected);
}

#[test]
fn who_is_faster() {
    // 0.05 ns of an empty loop mean nothing.
    let expected = Faster { row: Row::Collect, name: "theirs", is_timed: true, ns: (3.46, 2.0) };
    assert_eq!(faster(&two()), [expected]);
    assert_eq!(faster(&two()[..1]), []);
}

#[test]
fn what_is_not_steady_proves_nothing() {
    let [ours, mut theirs] = two();
    theirs.read("span 10 0.5 0\n");
    theirs.saved.clear();
    theirs.rows.remove(&Row::Collect);
    theirs.rows.remove(&Row::Bytes);
    theirs.read("threads 3 1.5 0\nsaved.bin 20 93 0\n");
    let mut both = [ours, theirs];
    assert_eq!((faster(&both), unknown(&both)), (vec![], vec![(Row::Span, "theirs")]));
    let slower = |both: &[Figures]| {
        let page = page(both, "a machine", &[]);
        page.split_once("needs more\n\n").map(|(_, slower)| slower.to_string())
    };
    let named = "- span: theirs may be faster: one of both figures isn't steady.\n";
    assert_eq!(slower(&both).as_deref(), Some(named));
    // Nor does one of ours.
    both[1].read("span 80 4 1\nsaved.bin 20 93 1\n");
    both[0].rows.insert(Row::Span, Figure { value: 100.0, of_floor: 5.0, is_steady: false });
    both[0].saved[0].is_steady = false;
    assert_eq!((faster(&both), slower(&both).as_deref()), (vec![], Some(named)));
    both[0].read("span 20 1 1\n");
    let none =
        "- No peer that takes times is faster in any row of ns by more than 2 %, counted in reads of the clock.\n";
    assert_eq!((unknown(&both), slower(&both).as_deref()), (vec![], Some(none)));
    both[1].is_timed = false;
    both[1].rows.insert(Row::Span, Figure { value: 10.0, of_floor: 0.5, is_steady: false });
    assert_eq!((unknown(&both), slower(&both).as_deref()), (vec![], Some(none)), "it takes no times");
}

#[test]
fn the_page_tells_where_others_are_better() {
    let notes = [Note { name: "theirs", versions: "theirs 1.2.3".into(), how: "By hand." }];
    let page = page(&two(), "a machine", &notes);
    assert!(page.contains("**Machine**: a machine.\nTwo bare reads of its clock take 20.0 ns.\n"), "{page}");
    assert!(page.contains("- **theirs** (theirs 1.2.3): By hand.\n"), "{page}");
    let expected = "\
## Where traceme is slower, or needs more

- collect: theirs takes 2.0 ns, traceme 3.5.
- span: theirs may be faster: one of both figures isn't steady.
- bytes: theirs 14, traceme 16.
- bytes a span in a file: theirs 32 (.bin), traceme at best 93.
";
    assert!(page.ends_with(expected), "{page}");
}
