use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::{collection, prop_assert, prop_assert_eq, prop_assume, proptest, sample};

use super::{ParsedValue, encode, encode_op, encode_op_override, parse};
use crate::error::Error;

/// Name, keys and spellings.
fn texts(text: &str) -> (&str, Vec<(&str, &str)>) {
    let parsed = parse(text);
    (parsed.name, parsed.args.iter().map(|arg| (arg.key, arg.text)).collect())
}

fn encoded(name: &str, args: &[(String, String)]) -> Result<String, Error> {
    let args: Vec<_> = args.iter().map(|(key, value)| (key.as_str(), value as &dyn std::fmt::Display)).collect();
    encode(name, &args)
}

#[test]
fn only_a_text_that_ends_in_a_mark_has_metadata() {
    assert_eq!(texts("load"), ("load", vec![]));
    assert_eq!(texts("load#k=v"), ("load#k=v", vec![]));
    assert_eq!(texts("load#k=v# "), ("load#k=v#", vec![]));
    assert_eq!(texts("load#k=v#"), ("load", vec![("k", "v")]));
    assert_eq!(texts("#k=v#"), ("", vec![("k", "v")]));
    for nothing in ["", "#", "##", "###"] {
        assert_eq!(texts(nothing), ("", vec![]), "{nothing:?}");
    }
    assert_eq!(texts("load#"), ("load", vec![]));
    assert_eq!(texts("load##"), ("load", vec![]));
}

#[test]
fn only_what_follows_the_first_mark_is_metadata() {
    assert_eq!(texts("load#a=1#b=2#"), ("load", vec![("a", "1")]));
    assert_eq!(texts("load##a=1#"), ("load", vec![]));
}

#[test]
fn pairs_end_at_commas_outside_of_quotes_and_brackets() {
    assert_eq!(texts("n#a=1,b=2#"), ("n", vec![("a", "1"), ("b", "2")]));
    for value in ["\"1,2\"", "'1,2'", "{1,2}", "(1,2)", "[1,2]", "[{1,2},(3,\",]\")]", "x(a,b)y", "('\",\"')", "\"],\""]
    {
        let text = format!("n#a={value},b=2#");
        assert_eq!(texts(&text), ("n", vec![("a", value), ("b", "2")]), "{text}");
    }
    // They nest, quotes in quotes too.
    assert_eq!(texts("n#a='\"',b=2#"), ("n", vec![("a", "'\"',b=2")]));
    // A bracket that closes nothing is a letter; what is never closed reaches to the end.
    assert_eq!(texts("n#a=1],b=2#"), ("n", vec![("a", "1]"), ("b", "2")]));
    assert_eq!(texts("n#a=(1],b=2#"), ("n", vec![("a", "(1],b=2")]));
    assert_eq!(texts("n#a=don't,b=2#"), ("n", vec![("a", "don't,b=2")]));
}

#[test]
fn a_pair_is_split_at_its_first_equals_sign() {
    assert_eq!(texts("n#a=b=c#"), ("n", vec![("a", "b=c")]));
    assert_eq!(texts("n#a,=,b=#"), ("n", vec![]));
    assert_eq!(texts("n#a=1,a=2#"), ("n", vec![("a", "1"), ("a", "2")]));
}

#[test]
fn white_space_around_is_dropped_and_what_is_empty_then() {
    assert_eq!(texts(" \tn\r\n\u{b}\u{c}#\ta \u{b}= 1 2 ,, = x, y = #"), ("n", vec![("a", "1 2")]));
    // Only that of ASCII.
    assert_eq!(texts("\u{a0}n#a=\u{2003}#"), ("\u{a0}n", vec![("a", "\u{2003}")]));
}

#[test]
fn a_value_is_the_first_type_that_it_can_be() {
    let value = |text: &str| match parse(&format!("n#k={text}#")).args[..] {
        [arg] => format!("{:?}", arg.value),
        _ => panic!("{text} is no value"),
    };
    for (text, expected) in [
        ("3", "I64(3)"),
        ("-3", "I64(-3)"),
        ("+3", "I64(3)"),
        ("007", "I64(7)"),
        ("9223372036854775807", "I64(9223372036854775807)"),
        ("-9223372036854775808", "I64(-9223372036854775808)"),
        ("9223372036854775808", "U64(9223372036854775808)"),
        ("18446744073709551615", "U64(18446744073709551615)"),
        ("18446744073709551616", "F64(1.8446744073709552e19)"),
        ("1.5", "F64(1.5)"),
        ("1e3", "F64(1000.0)"),
        ("-inf", "F64(-inf)"),
        ("nan", "F64(NaN)"),
        ("0x10", "Str(\"0x10\")"),
        ("1 2", "Str(\"1 2\")"),
        ("\"3\"", "Str(\"\\\"3\\\"\")"),
        ("true", "Str(\"true\")"),
    ] {
        assert_eq!(value(text), expected);
    }
    assert_eq!(parse("n#k=007#").args[0].text, "007");
}

#[test]
fn numbers_come_back() {
    let text = encode("n", &[("a", &i64::MIN), ("b", &u64::MAX), ("c", &0.1), ("d", &true)]).expect("it can be");
    assert_eq!(text, "n#a=-9223372036854775808,b=18446744073709551615,c=0.1,d=true#");
    let values: Vec<_> = parse(&text).args.iter().map(|arg| arg.value).collect();
    let expected =
        [ParsedValue::I64(i64::MIN), ParsedValue::U64(u64::MAX), ParsedValue::F64(0.1), ParsedValue::Str("true")];
    assert_eq!(values, expected);
}

#[test]
fn what_cannot_be_carried_is_refused_and_named() {
    /// Name, arguments, and what the error says.
    type Refused = (&'static str, &'static [(&'static str, &'static str)], &'static str);
    let refused: [Refused; 13] = [
        ("a#b", &[], "the name, \"a#b\", holds a '#'"),
        (" a", &[], "begins or ends with white space"),
        ("n", &[("k", "a#")], "the value of key \"k\", \"a#\", holds a '#'"),
        ("n", &[("k#", "a")], "a key, \"k#\", holds a '#'"),
        ("n", &[("k", "a\n")], "the value of key \"k\", \"a\\n\", begins or ends with white space"),
        ("n", &[("\tk", "a")], "a key, \"\\tk\", begins or ends with white space"),
        ("n", &[("k", "")], "the value of key \"k\" is empty"),
        ("n", &[("", "v")], "the value \"v\" has an empty key"),
        ("n", &[("k=", "v")], "the key \"k=\" holds a '='"),
        ("n", &[("k", "a,b")], "the value of key \"k\", \"a,b\", holds a ','"),
        ("n", &[("a,b", "v")], "the key, \"a,b\", holds a ','"),
        ("n", &[("k", "don't"), ("l", "v")], "key \"k\": the '\\'' in it or in its value is never closed"),
        ("n", &[("k", "(]"), ("l", "v")], "key \"k\": the '(' in it"),
    ];
    for (name, args, why) in refused {
        let args: Vec<_> = args.iter().map(|&(key, value)| (key.into(), value.into())).collect();
        let error = encoded(name, &args).expect_err(why);
        assert!(error.is_encode() && error.to_string().contains(why), "{error} for {why}");
        assert!(error.to_string().contains(": "), "{error} says what to do");
    }
    let last = encode("n", &[("l", &"v"), ("k", &"don't, please")]).expect("nothing is behind it");
    assert_eq!(texts(&last), ("n", vec![("l", "v"), ("k", "don't, please")]));
}

#[test]
fn operations() {
    assert_eq!(encode_op("a/b", "MatMul").expect("it can be"), "a/b:MatMul");
    let text = format!("step{}", encode_op_override("a/b", "MatMul").expect("it can be"));
    assert_eq!(texts(&text), ("step", vec![("tf_op", "a/b:MatMul")]));
    for (name, kind) in [("", "T"), ("n", ""), ("a:b", "T"), ("n", "T:U"), ("n#", "T"), ("n", " T")] {
        assert!(encode_op(name, kind).is_err_and(|error| error.is_encode()), "{name:?} {kind:?}");
        assert!(encode_op_override(name, kind).is_err(), "{name:?} {kind:?}");
    }
    assert!(encode_op("a,b", "T").is_ok() && encode_op_override("a,b", "T").is_err());
}

/// Texts of the letters that matter, and any others.
fn hostile() -> impl Strategy<Value = String> {
    let letters: Vec<char> = "#=,\"'{}()[] \t\u{b}ab1.-é".chars().collect();
    prop_oneof![
        collection::vec(sample::select(letters), 0..12).prop_map(String::from_iter),
        any::<String>(),
        "[a-z]{1,3}"
    ]
}

proptest! {
    #[test]
    fn what_is_encoded_is_parsed(name in hostile(), args in collection::vec((hostile(), hostile()), 0..4)) {
        let text = encoded(&name, &args);
        prop_assume!(text.is_ok());
        let text = text.unwrap_or_default();
        let args: Vec<_> = args.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        prop_assert_eq!(texts(&text), (name.as_str(), args));
    }

    #[test]
    fn parsing_is_total_and_what_it_gives_can_be_encoded(text in hostile(), metadata in hostile()) {
        for text in [text.clone(), format!("{text}#{metadata}#"), format!("{text}#k={metadata},l={text}#")] {
            let (name, args) = texts(&text);
            let args: Vec<_> = args.iter().map(|&(key, value)| (key.into(), value.into())).collect();
            match encoded(name, &args) {
                Ok(again) => prop_assert_eq!(texts(&again), texts(&text)),
                // A name can hold a mark if the text does not end in one.
                Err(_) => prop_assert!(name.contains('#')),
            }
        }
    }

    #[test]
    fn integers_keep_their_values(signed in any::<i64>(), unsigned in any::<u64>(), float in any::<f64>()) {
        let text = encode("n", &[("i", &signed), ("u", &unsigned), ("f", &format_args!("{float:?}"))]).expect("it can be");
        let [i, u, f] = parse(&text).args[..] else { panic!("{text}") };
        prop_assert_eq!(i.value, ParsedValue::I64(signed));
        let expected = i64::try_from(unsigned).map_or(ParsedValue::U64(unsigned), ParsedValue::I64);
        prop_assert_eq!(u.value, expected);
        let same = matches!(f.value, ParsedValue::F64(found) if found == float || found.is_nan() && float.is_nan());
        prop_assert!(same, "{text}");
    }
}
