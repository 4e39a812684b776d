//! A module without a prelude.
#![no_implicit_prelude]

#[::traceme::traceme(level = 2, category = super::IO, meta(x, n = x + 1, shown = %x, debugged = ?x))]
pub fn no_prelude(x: u64) -> ::std::option::Option<u64> {
    ::std::option::Option::Some(x)
}

#[::traceme::traceme(span = own, name = ::std::format!("made {}", x))]
pub fn no_prelude_made_name(x: u64) -> u64 {
    ::traceme::append!(own, x);
    x
}

#[::traceme::traceme(ret, err)]
pub fn no_prelude_result(x: u64) -> ::std::result::Result<u64, ::std::string::String> {
    if x == 0 {
        return ::std::result::Result::Err(::std::string::String::new());
    }
    ::std::result::Result::Ok(x)
}
