//! What editions accept from 2021 on.

use traceme::traceme;

use crate::shapes::support::{Loud, as_its_twin, recorded, twins};

macro_rules! or_pattern {
    ($name:ident($pattern:pat) -> $result:expr) => {
        #[traceme(meta(value = $result))]
        fn $name(($pattern): Result<u8, u8>) -> u8 {
            $result
        }
    };
}

or_pattern!(either(Ok(x) | Err(x)) -> x);

#[traceme(meta(x = "{x}"), name = format!("at {x:?}"))]
fn c_string(x: u8) -> &'static std::ffi::CStr {
    let _ = x;
    c"text"
}

#[traceme]
fn array_by_value(texts: [String; 2]) -> Vec<String> {
    texts.into_iter().rev().collect()
}

#[traceme]
fn names_of_the_prelude(x: u32) -> Result<u8, std::num::TryFromIntError> {
    let list = Vec::from_iter([x]);
    list[0].try_into()
}

twins! {
    fn disjoint_capture() -> usize {
        let pair = (Loud("captured"), Loud("left"));
        let f = move || pair.0.len();
        let _after = Loud("after");
        let length = f();
        drop(f);
        length
    }
}

#[test]
fn accepted_since_2021() {
    let text = recorded(1, || {
        assert_eq!(either(Err(1)), 1);
        assert_eq!(c_string(1).to_bytes(), b"text");
        assert_eq!(array_by_value([String::from("a"), String::from("b")]), ["b", "a"]);
        assert_eq!(names_of_the_prelude(3), Ok(3));
    });
    assert_eq!(text, "either value=1\nat 1 x=\"{x}\"\narray_by_value\nnames_of_the_prelude");
}

#[test]
fn closures_capture_fields() {
    let text = as_its_twin(bare::disjoint_capture, annotated::disjoint_capture);
    assert_eq!(text, "disjoint_capture\n  * captured\n  * after\n  * left");
}
