//! What filters let through, and what is no filter.

use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::{collection, proptest, sample};

use super::{Filter, Pattern, Site};
use crate::callsite::{CallsiteKind, StaticCallsite};
use crate::category::Category;
use crate::level::Level;
use crate::rate::Rate;

/// The levels, out of 1, 2, 3 and 255, that a filter lets through at a callsite.
fn let_through(filter: &str, module: &'static str, category: &'static str, name: &'static str) -> Vec<u8> {
    let filter: Filter = filter.parse().expect("a filter");
    let site = |level| StaticCallsite {
        kind: CallsiteKind::Span,
        name,
        level,
        category: Category::new(category),
        module,
        file: "",
        line: 1,
        column: 1,
        keys: &[],
        unit: "",
        rate: Rate::WHOLE,
    };
    let levels = [Level::CRITICAL, Level::INFO, Level::VERBOSE, Level::ALL];
    let through: Vec<u8> = levels.into_iter().filter(|&level| filter.selects(&site(level))).map(u8::from).collect();
    assert!(through.iter().all(|&level| level <= filter.highest()), "{filter}");
    through
}

#[test]
fn directives_apply_to_modules_categories_and_names() {
    let cases: [(&str, &[u8]); 29] = [
        ("info", &[1, 2]),
        ("VERBOSE", &[1, 2, 3]),
        ("critical", &[1]),
        ("254", &[1, 2, 3]),
        ("all", &[1, 2, 3, 255]),
        ("off", &[]),
        ("net=1", &[1]),
        ("net::tcp=1", &[1]),
        ("net::tc=1", &[]),
        ("et::tcp=1", &[]),
        ("net::tcp::in=1", &[]),
        ("net::*=1", &[1]),
        ("net::tcp::*=1", &[]),
        ("*::tcp=1", &[1]),
        ("*::net=1", &[]),
        ("n*p=1", &[1]),
        ("n*t*p*=1", &[1]),
        ("*=1", &[1]),
        ("cat:io=1", &[1]),
        ("cat:i=1", &[]),
        ("name:load=1", &[1]),
        ("name:*oa*=1", &[1]),
        ("name:load*load=1", &[]),
        ("all,net=off", &[]),
        ("net=off,all", &[]),
        ("net=3,cat:io=off,name:load=2", &[1, 2]),
        ("info@0.1,cat:io=1@1e-3", &[1]),
        ("critical @ 0.5", &[1]),
        (" net = 3 , other=off ,cat: i*=info", &[1, 2]),
    ];
    for (filter, through) in cases {
        assert_eq!(let_through(filter, "net::tcp", "io", "load"), through, "{filter}");
    }
    assert!(let_through("net=1", "network", "io", "load").is_empty());
    assert!(let_through("name:*=1", "net", "io", "").is_empty(), "a name that is made at run time");
}

#[test]
fn a_pattern_that_stands_alone_is_compared_with_names_too() {
    let cases = [
        ("net", true),
        ("tcp", false),
        ("*::tcp", true),
        ("db::*", true),
        ("db::load", true),
        ("db", false),
        ("cat:io", true),
        ("cat:db::*", false),
        (" name:db::lo* ", true),
        ("name:net", false),
    ];
    for (text, applies) in cases {
        let pattern: Pattern = text.parse().expect(text);
        let site = |module, category, name| Site { level: Level::INFO, module, category, name };
        assert_eq!(pattern.applies(site("net::tcp", "io", "db::load")), applies, "{text}");
        assert_eq!(pattern.to_string(), text.trim());
        assert!(!text.contains("db") || !pattern.applies(site("net", "io", "")), "{text}: a name made at run time");
    }
    for (text, at) in [("", 0), ("load file", 4), ("kat:io", 3), ("cat:", 4), ("db::*=5ms", 5)] {
        assert_eq!(text.parse::<Pattern>().expect_err(text).offset(), Some(at), "{text}");
    }
}

#[test]
fn errors_point_at_what_is_wrong() {
    let at = |filter: &str| {
        let error = filter.parse::<Filter>().expect_err(filter);
        assert!(error.is_filter());
        let text = error.to_string();
        let (picture, caret) = text.rsplit_once('\n').expect("a line for the mark");
        assert!(picture.ends_with(filter), "{text}");
        let offset = error.offset().expect("a place");
        assert_eq!(caret.chars().count() - 3, filter[..offset].chars().count(), "{text}");
        offset
    };
    let cases = [
        ("", 0),
        ("info,", 5),
        ("info, ,net=2", 6),
        ("loud", 0),
        ("0", 0),
        ("+1", 0),
        ("256", 0),
        ("net=", 4),
        ("info,größe= 0", 14),
        ("=3", 0),
        ("a:b=3", 1),
        ("a::b:::c=3", 6),
        ("kat:io=3", 3),
        ("my-crate=3", 2),
        ("cat: =3", 4),
        ("info,name:=3", 10),
        ("net==3", 3),
        ("info@", 5),
        ("net=3@0", 6),
        ("net=3@ 1.5", 7),
        ("net=3@-0.1", 6),
        ("net=3@inf", 6),
        ("net=3@0.1@", 6),
        ("net=@0.1", 4),
        ("info,net=off@0.1", 12),
        ("name:a@b=loud@1", 9),
    ];
    for (filter, offset) in cases {
        assert_eq!(at(filter), offset, "{filter}");
    }
}

#[test]
fn the_directive_that_decides_says_the_rate() {
    let cases = [
        ("info", None),
        ("info@0.25", Some(0.25)),
        ("info@0.25,net=1", None),
        ("info@0.25,net=1@1", Some(1.0)),
        ("net=1@0.5,name:load=2@.125,cat:io=3@0.1,other=1@1e-9", Some(0.1)),
    ];
    for (text, rate) in cases {
        let filter: Filter = text.parse().expect("a filter");
        let site = Site { level: Level::INFO, category: "io", module: "net::tcp", name: "load" };
        assert_eq!(filter.rate_of(site).map(Rate::get), rate, "{text}");
        assert_eq!(filter.to_string().parse(), Ok(filter), "{text}");
    }
}

#[test]
fn rates_print_in_their_shortest_form() {
    let cases = [("@1", "@1"), ("@0.00010", "@0.0001"), ("@0.00001", "@1e-5"), ("@1.5e-300", "@1.5e-300")];
    for (rate, shown) in cases {
        let filter: Filter = format!("info{rate}").parse().expect("a filter");
        assert_eq!(filter.to_string(), format!("info{shown}"));
        assert_eq!(filter.to_string().parse(), Ok(filter));
    }
}

#[test]
fn a_crate_is_named_as_in_paths() {
    let message = |text: &str| text.parse::<Filter>().expect_err(text).to_string();
    let hint = "expected `my_crate::io`: the paths of a crate have `_` where its name has `-`\n";
    assert!(message("info,my-crate::io=3").contains(hint), "{}", message("info,my-crate::io=3"));
    assert!(!message("my-crate:io=3").contains("my_crate"), "that would be wrong as well");
    assert!(message("my-crate/io=3").contains("expected a module path"), "it isn't all that is wrong");
}

/// Text that is a filter more often than chance would have it.
fn text() -> impl Strategy<Value = String> {
    let words =
        ["info", "off", "7", "net", "io", "::", "*", ",", "=", " ", "cat:", "name:", "\t", "é", "r#in", "@", "0.5"];
    let word = prop_oneof![8 => sample::select(words.to_vec()).prop_map(String::from), 1 => any::<String>()];
    collection::vec(word, 0..12).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn any_text_is_a_filter_or_an_error(text in text()) {
        match text.parse::<Filter>() {
            Ok(filter) => assert_eq!(filter.to_string().parse(), Ok(filter)),
            Err(error) => assert!(error.offset().is_some_and(|at| text.is_char_boundary(at))),
        }
    }
}
