//! What can be wrong with the arguments.

use quote::ToTokens;

use super::{errors, planned, print, tokens, wrong, wrong_on};
use crate::annotate;

const ARGUMENTS: &str = "expected one of `level`, `name`, `category`, `rate`, `meta`, `span`, `ret`, `err`, `alert`, \
                         `skip_polls`, `crate`, `skip`";
const EARLY: &str = "unexpected end of input, expected an expression";
const KEY: &str = "expected a key, as in `size = data.len()`, `path = %path`, `request = ?request` or `n`";

#[test]
fn unknown_arguments() {
    let list = |start: &str| format!("unknown argument {start}{ARGUMENTS}");
    wrong("levle = 2", &[(&list("`levle`, did you mean `level`? "), "levle")]);
    wrong("Name = \"x\"", &[(&list("`Name`, did you mean `name`? "), "Name")]);
    wrong("silent", &[(&list("`silent`, "), "silent")]);
    wrong("r#level = 2", &[(&list("`r#level`, did you mean `level`? "), "r#level")]);
    wrong(
        "rett, er, alarm = \"5ms\"",
        &[
            (&list("`rett`, did you mean `ret`? "), "rett"),
            (&list("`er`, did you mean `err`? "), "er"),
            (&list("`alarm`, did you mean `alert`? "), "alarm"),
        ],
    );
    let unnamed = "an argument has a name, such as `name = \"load\"` or `level = 2`";
    wrong("\"load\"", &[(unnamed, "\"load\"")]);
    wrong(", level = 2", &[("expected an argument", ",")]);
    wrong("level = 2,, category = IO", &[("expected an argument", ",")]);
}

#[test]
fn arguments_of_other_libraries() {
    let has = |word: &str, instead: &str| format!("`{word}` is no argument of #[traceme]: {instead}");
    let captured = "leave it out, arguments are not captured unless they are named in `meta`";
    let metadata = "use `meta(size = data.len(), path = %path)`";
    for (argument, word, instead) in [
        ("skip_all", "skip_all", captured),
        ("skip(self, data)", "skip", captured),
        ("fields(n = 1)", "fields", metadata),
        ("properties = { \"k\": \"v\" }", "properties", metadata),
        ("target = \"io\"", "target", "use `category = IO`, where `categories!` defines `IO`"),
        ("parent = None", "parent", "leave it out, the parent of a span is the span around it"),
        ("follows_from = [a, b]", "follows_from", "use a `Flow`, with `flow_in` and `flow_out` of `span!`"),
        ("enter_on_poll = true", "enter_on_poll", "leave it out, each poll is recorded: `skip_polls` turns that off"),
        ("short_name = true", "short_name", "leave it out, a span has the name of its function, without the path"),
    ] {
        wrong(argument, &[(&has(word, instead), word)]);
    }
}

#[test]
fn repeated_arguments() {
    wrong("level = 2, level = 3", &[("duplicate argument `level`", "level")]);
    wrong("name = a, name = b", &[("duplicate argument `name`", "name")]);
    wrong("category = A, category = B", &[("duplicate argument `category`", "category")]);
    wrong("meta(a), meta(b)", &[("duplicate argument `meta`", "meta")]);
    wrong_on(
        "ret, err, ret(Debug), err(Debug)",
        "fn f() -> Result<u8, E> {}",
        &[("duplicate argument `ret`", "ret"), ("duplicate argument `err`", "err")],
    );
    wrong("alert = \"1s\", alert = \"\"", &[("duplicate argument `alert`", "alert")]);
    wrong("crate = a, crate = b", &[("duplicate argument `crate`", "crate")]);
}

#[test]
fn missing_commas() {
    wrong("level = 2 name = \"x\"", &[("expected `,`", "name")]);
    wrong("level = 2 3, name = \"\"", &[("expected `,`", "3"), ("a span's name cannot be empty", "\"\"")]);
    wrong("meta(a = 1 b = 2, c c)", &[("expected `,`", "b"), ("expected `=`, as in `key = value`", "c")]);
}

#[test]
fn missing_values() {
    wrong("level", &[("`level` needs a value, as in `level = 2`", "level")]);
    wrong("level =, name = \"x\"", &[("`level` needs a value, as in `level = 2`", "level")]);
    wrong("name(\"x\")", &[("expected `=`, as in `name = \"load\"`", "(")]);
    wrong("category", &[("`category` needs a value, as in `category = IO`", "category")]);
    wrong("category = \"io\"", &[("expected a path, as in `category = IO`", "\"io\"")]);
    wrong("crate = 1", &[("expected a path, as in `crate = my_crate::traceme`", "1")]);
    wrong("span = \"s\"", &[("expected a name, as in `span = s`", "\"s\"")]);
    wrong("level = *, meta(k = -)", &[("expected an expression", ","), (EARLY, "k")]);
    wrong("level = *", &[(EARLY, "level")]);
}

#[test]
fn levels() {
    let message = "a level is an integer from 1 to 255";
    for level in ["0", "256", "0x100", "-1", "2.0", "\"2\"", "99999999999999999999", "b'2'", "'2'", "true", "-2.5"] {
        wrong(&format!("level = {level}"), &[(message, level)]);
    }
    for level in ["2f32", "2i32", "0x2_usize"] {
        let message = "a level is an integer from 1 to 255, a `u8`: leave the suffix out";
        wrong(&format!("level = {level}"), &[(message, level)]);
    }
    for level in ["1", "255", "2u8", "0xff", "1_0", "0b1_u8", "LEVEL", "Level::INFO", "1 + 1", "{ 3 }"] {
        let planned = planned(&format!("level = {level}"), "fn f() {}").level;
        assert_eq!(print(planned.to_token_stream()), print(tokens(level)));
    }
}

#[test]
fn names_that_are_wrong() {
    wrong("name = \"\"", &[("a span's name cannot be empty", "\"\"")]);
    wrong("name = r#\"\"#", &[("a span's name cannot be empty", "r#\"\"#")]);
    for name in ["5", "-5", "1.5", "b\"x\"", "c\"x\"", "'x'", "b'x'", "true"] {
        wrong(&format!("name = {name}"), &[("a span's name is a string", name)]);
    }
}

#[test]
fn metadata() {
    let parentheses = "expected parentheses, as in `meta(size = data.len())`";
    wrong("meta", &[(parentheses, "meta")]);
    wrong("meta = n", &[(parentheses, "=")]);
    wrong("meta(a = 1, r#a)", &[("duplicate metadata key `r#a`", "r#a")]);
    wrong("meta(%n, \"k\" = 1, _ = 2)", &[(KEY, "%"), (KEY, "\"k\""), (KEY, "_")]);
    wrong("meta(a.b = 1)", &[("expected `=`, as in `key = value`", ".")]);
    wrong("meta(a = )", &[("`a` needs a value, as in `key = value`", "a")]);
    wrong("meta(self)", &[("`self` cannot be its own key, write `key = self`", "self")]);
}

#[test]
fn too_much_metadata() {
    let keys = |count: usize| (1..=count).map(|key| format!("k{key}")).collect::<Vec<_>>().join(", ");
    let (errors_at_14, _) =
        errors(annotate(tokens(&format!("meta({}, a = 1, b = -1)", keys(14))), tokens("fn f() {}")));
    assert_eq!(errors_at_14, [], "literals do not count");
    wrong(&format!("meta({})", keys(16)), &[("a span carries at most 14 values", "k15")]);
    let named = format!("name = made(), meta({})", keys(14));
    wrong(&named, &[("a span carries at most 14 values, of which its name is one", "k14")]);
}

#[test]
fn skip() {
    for item in ["fn f() { body(); }", "impl S { fn f() {} }"] {
        // What the block around it did not recognise.
        wrong_on("skip", item, &[]);
        wrong_on("skip,", item, &[]);
    }
    let others = "`skip` means that nothing is recorded: remove it or the other arguments";
    wrong("skip, level = 2", &[(others, "skip")]);
    wrong_on("crate = c, skip", "mod m {}", &[(others, "skip")]);
    wrong("skip = true", &[("`skip` has no value: `#[traceme(skip)]`", "skip")]);
    wrong("skip, skip", &[("duplicate argument `skip`", "skip")]);
    let not_a_function = "#[traceme] is for functions, and for `impl`, `trait` and `mod` blocks with functions in them";
    wrong_on("skip", "struct S;", &[(not_a_function, "struct")]);
}

#[test]
fn a_guard_needs_a_name_of_its_own() {
    let message = "`n` is an argument of this function: give the span's guard another name";
    wrong_on("span = n", "fn f(m: u8, mut n: u8) { body(n) }", &[(message, "n")]);
}

#[test]
fn values_that_would_leave_the_function() {
    let message = |what| format!("`{what}` would leave the function, but only while it is recorded: do it in the body");
    wrong("meta(n = text.parse::<u8>()?)", &[(&message("?"), "?")]);
    wrong(
        "name = made(x?), meta(a = { if b { return; } 1 }, c)",
        &[(&message("?"), "?"), (&message("return"), "return")],
    );
    let closure = "meta(n = (|| Some(text?.len()))())";
    assert_eq!(errors(annotate(tokens(closure), tokens("fn f() {}"))).0, [], "it leaves the closure");
}

#[test]
fn all_mistakes_at_once() {
    wrong(
        "level = 0, nmae = \"x\", meta(a = 1, a = 2, b c), alert = \"5\", err, name = \"\"",
        &[
            ("a level is an integer from 1 to 255", "0"),
            (&format!("unknown argument `nmae`, did you mean `name`? {ARGUMENTS}"), "nmae"),
            ("duplicate metadata key `a`", "a"),
            ("expected `=`, as in `key = value`", "c"),
            ("this time has no unit, expected one of `ns`, `us`, `ms`, `s`", "\"5\""),
            ("`err` is for functions that return a `Result`: remove it, or use `ret`", "err"),
            ("a span's name cannot be empty", "\"\""),
        ],
    );
}
