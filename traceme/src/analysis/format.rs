//! Numbers and names as they stand in a table: short, and of one width.

/// How wide a number is at most, as long as it is below 10^15 or so.
pub(super) const WIDTH: usize = 7;

/// Three digits and a unit.
fn three_digits(value: f64, units: &[(f64, &str)]) -> String {
    // Half a unit in the last digit below the next unit: it would be printed as 1000.
    let unit = units.iter().rfind(|&&(size, _)| value.abs() >= size * 0.9995).or(units.first());
    let (size, unit) = unit.copied().unwrap_or((1.0, ""));
    let value = value / size;
    let decimals = match value.abs() {
        value if value < 9.995 => 2,
        value if value < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$} {unit}")
}

/// A time in ns with three digits: `12 ns`, `1.23 ms`.
pub(super) fn time(ns: u64) -> String {
    if ns < 1000 {
        return format!("{ns} ns");
    }
    three_digits(ns as f64, &[(1e3, "µs"), (1e6, "ms"), (1e9, "s")])
}

/// A count: exact up to seven digits, then three of them: `1.23 G`.
pub(super) fn count(count: u64) -> String {
    if count < 10_000_000 {
        return count.to_string();
    }
    three_digits(count as f64, &[(1e6, "M"), (1e9, "G"), (1e12, "T"), (1e15, "P"), (1e18, "E")])
}

/// A number of a counter: whole ones up to seven digits as they are, others with three digits.
pub(super) fn number(number: f64) -> String {
    let size = number.abs();
    if number == number.trunc() && size < 1e7 {
        return format!("{number}");
    }
    match size {
        _ if !(1e-3..1e21).contains(&size) => format!("{number:.2e}"),
        _ if size < 1.0 => format!("{number:.4}"),
        _ if size < 1000.0 => three_digits(number, &[(1.0, "")]).trim_end().into(),
        _ => three_digits(number, &[(1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T"), (1e15, "P"), (1e18, "E")]),
    }
}

/// A part of a whole in percent.
pub(super) fn percent(part: f64) -> String {
    format!("{:.1}", part * 100.0)
}

/// `1 span`, `2 spans`.
pub(super) fn plural(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A name that breaks no line, at most so many characters wide: what is too long loses its middle.
pub(super) fn name(name: &str, width: usize) -> String {
    let mut letters: Vec<char> = Vec::new();
    for letter in if name.is_empty() { "(no name)" } else { name }.chars() {
        if letter.is_control() { letters.extend(letter.escape_default()) } else { letters.push(letter) }
    }
    if letters.len() <= width {
        return letters.into_iter().collect();
    }
    let rest = width.saturating_sub(1);
    let (front, back) = (rest - rest / 2, rest / 2);
    letters[..front].iter().chain(&['…']).chain(&letters[letters.len() - back..]).collect()
}

/// Names with counts, as many as have room: `parse 100, lex 20 and 3 more`.
pub(super) fn list<'a>(items: impl ExactSizeIterator<Item = (&'a str, u64)>, room: usize) -> String {
    let (mut list, mut left) = (String::new(), items.len());
    for (item, count) in items {
        let item = format!("{} {count}", name(item, room / 2));
        let length = list.chars().count() + item.chars().count() + ", and 1000000 more".len();
        if !list.is_empty() && length > room {
            break;
        }
        list.push_str(if list.is_empty() { "" } else { ", " });
        list.push_str(&item);
        left -= 1;
    }
    if left == 0 { list } else { format!("{list} and {left} more") }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_a_unit() {
        let expected = [
            (0, "0 ns"),
            (999, "999 ns"),
            (1000, "1.00 µs"),
            (9_994, "9.99 µs"),
            (9_996, "10.0 µs"),
            (999_499, "999 µs"),
            (999_500, "1.00 ms"),
            (12_345_678, "12.3 ms"),
            (59_900_000_000, "59.9 s"),
            (86_400_000_000_000, "86400 s"),
        ];
        for (ns, text) in expected {
            assert_eq!(time(ns), text, "{ns} ns");
            assert!(time(ns).chars().count() <= WIDTH);
        }
    }

    #[test]
    fn counts_and_numbers_are_short() {
        assert_eq!([0, 9_999_999, 10_000_000, u64::MAX].map(count), ["0", "9999999", "10.0 M", "18.4 E"]);
        let numbers = [0.0, -3.0, 1.5, 0.25, 123.456, 4_096_000.0, 12_345_678.9, 1e-9, 1e30, f64::INFINITY];
        let expected = ["0", "-3", "1.50", "0.2500", "123", "4096000", "12.3 M", "1.00e-9", "1.00e30", "inf"];
        assert_eq!(numbers.map(number), expected);
    }

    #[test]
    fn long_names_lose_their_middle() {
        assert_eq!(name("short", 5), "short");
        assert_eq!(name("parser::expression", 9), "pars…sion");
        assert_eq!(name("a\nb\u{1b}[0m", 20), "a\\nb\\u{1b}[0m");
        assert_eq!((name("", 20), name("ééé", 3), name("abc", 1)), ("(no name)".into(), "ééé".into(), "…".into()));
        let items = [("a", 3), ("b", 2), ("register_allocation", 1), ("d", 1), ("e", 1)];
        assert_eq!(list(items.into_iter(), 40), "a 3, b 2 and 3 more");
        assert_eq!(list(items.into_iter(), 48), "a 3, b 2, register_allocation 1 and 2 more");
        assert_eq!(list(items[2..3].iter().copied(), 20), "regis…tion 1");
    }
}
