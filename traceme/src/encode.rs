//! Metadata as part of a name, `name#key=value,key=value#`: to exchange with recorders and viewers that know no
//! other. How it is read is said at [`parse`], and is given; [`encode`] refuses what would be read otherwise.

use std::fmt::Display;

use crate::error::Error;

#[cfg(all(test, not(loom)))]
mod tests;

/// A name and its metadata, taken apart by [`parse`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Parsed<'a> {
    /// The name; empty if the text is metadata only.
    pub name: &'a str,
    /// The metadata, as it stands there: a key can be there twice.
    pub args: Vec<ParsedArg<'a>>,
}

/// A key with its value.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ParsedArg<'a> {
    /// The key.
    pub key: &'a str,
    /// The value as it is spelt.
    pub text: &'a str,
    /// The value as readers take it.
    pub value: ParsedValue<'a>,
}

/// The value of a key in the text form.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ParsedValue<'a> {
    /// An integer that fits 64 signed bits.
    I64(i64),
    /// A larger positive integer.
    U64(u64),
    /// Another number; infinities and NaN too.
    F64(f64),
    /// Anything else.
    Str(&'a str),
}

/// Writes a name and metadata as `name#key=value,key=value#`; the name alone if there is no metadata.
///
/// This is for recorders and viewers that know metadata only as such text. To record, use the macros: `meta(..)` keeps
/// types, carries any text, and formats nothing while the program runs.
///
/// The text has no way to escape a character. What it can't carry is refused, with a hint what to write instead: what
/// is encoded, [`parse`] takes apart into the same name, keys and texts.
///
/// Values are written as they print, and have no types there: `"007"` and `1.0` are read as the integers 7 and 1.
/// [`ParsedArg::text`] has them as they were written; `format_args!("{:?}", 1.0)` is read as a float.
///
/// ```
/// let text = traceme::encode("load", &[("size", &3), ("path", &"a.txt"), ("shape", &"[2, 3]")])?;
/// assert_eq!(text, "load#size=3,path=a.txt,shape=[2, 3]#");
///
/// let error = traceme::encode("load", &[("path", &"a,b")]).expect_err("it would be cut at the comma");
/// assert!(error.is_encode());
/// # Ok::<(), traceme::Error>(())
/// ```
///
/// # Errors
/// If a reader would read something else: if the name, a key or a value holds a `#`, or begins or ends with white
/// space; a key or a value is empty; a key holds a `=`; one of both holds a `,` outside of quotes and brackets; or
/// quotes or brackets are open at the end of a value, and it is not the last.
pub fn encode(name: &str, args: &[(&str, &dyn Display)]) -> Result<String, Error> {
    check("the name", name)?;
    let mut text = String::from(name);
    let mut open = Open::default();
    for (at, (key, value)) in args.iter().enumerate() {
        let value = value.to_string();
        check_pair(key, &value, &mut open)?;
        if let Some(mark) = open.innermost().filter(|_| at + 1 < args.len()) {
            return Err(Error::encode(format!(
                "key {key:?}: the {mark:?} in it or in its value is never closed, so it would swallow the keys behind it: \
                 put it last, or close it"
            )));
        }
        text.push(if at == 0 { '#' } else { ',' });
        text.push_str(key);
        text.push('=');
        text.push_str(&value);
    }
    if !args.is_empty() {
        text.push('#');
    }
    Ok(text)
}

/// Writes the name of an operation with its type: `name:type`.
///
/// ```
/// assert_eq!(traceme::encode_op("layer1/multiply", "MatMul")?, "layer1/multiply:MatMul");
/// # Ok::<(), traceme::Error>(())
/// ```
///
/// # Errors
/// If the name or the type is empty, holds a `:` or a `#`, or begins or ends with white space.
pub fn encode_op(op_name: &str, op_type: &str) -> Result<String, Error> {
    for (what, text) in [("the operation's name", op_name), ("the operation's type", op_type)] {
        check(what, text)?;
        if text.is_empty() {
            return Err(Error::encode(format!("{what} is empty: an operation needs both, as in \"multiply:MatMul\"")));
        }
        if text.contains(':') {
            return Err(Error::encode(format!(
                "{what}, {text:?}, holds a ':', which separates name and type: write '/' or '_'"
            )));
        }
    }
    Ok(format!("{op_name}:{op_type}"))
}

/// Writes metadata that names the operation which a span belongs to: `#tf_op=name:type#`, to be put behind a name.
///
/// ```
/// let op = traceme::encode_op_override("layer1/multiply", "MatMul")?;
/// assert_eq!(op, "#tf_op=layer1/multiply:MatMul#");
/// # Ok::<(), traceme::Error>(())
/// ```
///
/// # Errors
/// If [`encode_op`] refuses it, or the result holds a `,` outside of quotes and brackets.
pub fn encode_op_override(op_name: &str, op_type: &str) -> Result<String, Error> {
    encode("", &[("tf_op", &encode_op(op_name, op_type)?)])
}

/// Takes a name with metadata apart. Any text can be: one without metadata is a name.
///
/// - A text that ends in `#` has metadata: what stands between the first `#` and the next one. The name is what
///   stands before.
/// - The metadata is split at each `,` that is not inside of `""`, `''`, `{}`, `()` or `[]`, and each part at its first
///   `=`. Quotes and brackets nest, quotes in other quotes too; they stay part of the value.
/// - White space (of ASCII) around the name, keys and values is dropped, and so are parts without a key or a value.
/// - A value is the first of these that it can be: a signed integer of 64 bits, an unsigned one, a floating point
///   number, a string.
///
/// ```
/// use traceme::{ParsedValue, parse};
///
/// let parsed = parse("load#size=3, path = a.txt#");
/// assert_eq!(parsed.name, "load");
/// let args: Vec<_> = parsed.args.iter().map(|arg| (arg.key, arg.value)).collect();
/// assert_eq!(args, [("size", ParsedValue::I64(3)), ("path", ParsedValue::Str("a.txt"))]);
///
/// assert_eq!(parse("issue #5").name, "issue #5");
/// ```
pub fn parse(text: &str) -> Parsed<'_> {
    let Some(marked) = text.strip_suffix('#') else {
        return Parsed { name: trim(text), args: Vec::new() };
    };
    let mut parts = marked.split('#');
    let (name, metadata) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let mut open = Open::default();
    let args = metadata.split(|letter| open.separates(letter)).filter_map(arg).collect();
    Parsed { name: trim(name), args }
}

/// A part of the metadata; `None` if readers drop it.
fn arg(pair: &str) -> Option<ParsedArg<'_>> {
    let (key, text) = pair.split_once('=')?;
    let (key, text) = (trim(key), trim(text));
    (!key.is_empty() && !text.is_empty()).then(|| ParsedArg { key, text, value: value(text) })
}

fn value(text: &str) -> ParsedValue<'_> {
    if let Ok(number) = text.parse() {
        ParsedValue::I64(number)
    } else if let Ok(number) = text.parse() {
        ParsedValue::U64(number)
    } else if let Ok(number) = text.parse() {
        ParsedValue::F64(number)
    } else {
        ParsedValue::Str(text)
    }
}

/// Without the white space around it, as the readers see it: it is ASCII, with the vertical tab.
fn trim(text: &str) -> &str {
    text.trim_matches(|letter: char| letter.is_ascii_whitespace() || letter == '\u{b}')
}

/// The quotes and brackets that are open, outermost first.
#[derive(Debug, Default)]
struct Open(Vec<char>);

impl Open {
    /// Takes the next letter; whether it separates two pairs.
    fn separates(&mut self, letter: char) -> bool {
        let opening = match letter {
            ',' => return self.0.is_empty(),
            '"' | '\'' => letter,
            '}' => '{',
            ')' => '(',
            ']' => '[',
            '{' | '(' | '[' => {
                self.0.push(letter);
                return false;
            }
            _ => return false,
        };
        // What closes nothing is a letter like others, unless it is a quote: that opens.
        if self.innermost() == Some(opening) {
            self.0.pop();
        } else if opening == letter {
            self.0.push(letter);
        }
        false
    }

    fn innermost(&self) -> Option<char> {
        self.0.last().copied()
    }
}

/// Checks what is the same for names, keys and values.
fn check(what: &str, text: &str) -> Result<(), Error> {
    if text.contains('#') {
        return Err(Error::encode(format!(
            "{what}, {text:?}, holds a '#', which ends names and metadata: leave it out"
        )));
    }
    if trim(text) != text {
        return Err(Error::encode(format!(
            "{what}, {text:?}, begins or ends with white space, which is dropped: trim it"
        )));
    }
    Ok(())
}

fn check_pair(key: &str, value: &str, open: &mut Open) -> Result<(), Error> {
    check("a key", key)?;
    if key.is_empty() {
        return Err(Error::encode(format!("the value {value:?} has an empty key, and would be dropped: name it")));
    }
    if key.contains('=') {
        return Err(Error::encode(format!("the key {key:?} holds a '=', which ends keys: write ':' or '_'")));
    }
    let what = format!("the value of key {key:?}");
    check(&what, value)?;
    if value.is_empty() {
        return Err(Error::encode(format!("{what} is empty, and would be dropped: leave the key out, or write '-'")));
    }
    for (what, text) in [("the key", key), (what.as_str(), value)] {
        if text.chars().any(|letter| open.separates(letter)) {
            return Err(Error::encode(format!(
                "{what}, {text:?}, holds a ',' outside of quotes and brackets, which ends values: put the value into \
                 brackets, which stay part of it, or write ';'"
            )));
        }
    }
    Ok(())
}
