//! Results, alerts, futures and blocks among hostile names.

use super::*;

pub const success: u64 = 2;
pub const error: u64 = 3;
pub const owned: u64 = 1;
pub const call: u64 = 4;
pub const outcome: u64 = 5;

type Checked = ::std::result::Result<u64, ::std::string::String>;

#[::traceme::traceme(ret, err, alert = "1ns", span = own)]
pub fn both(x: u64) -> Checked {
    ::traceme::append!(own, x);
    if x == 0 {
        return Checked::Err(::std::string::ToString::to_string("zero"));
    }
    Checked::Ok(x + owned + success + error + call + outcome + result)
}

#[::traceme::traceme(ret(Value))]
pub fn value(__traceme_guard: u64) -> u64 {
    __traceme_guard
}

#[::traceme::traceme(err(Debug))]
pub fn mutable(mut x: &mut u64) -> ::core::result::Result<&mut u64, Kind> {
    let y = &mut *x;
    x = y;
    ::core::result::Result::Ok(x)
}

#[::traceme::traceme(name = ::std::format!("made {}", x), meta(x, y = ?x))]
pub async fn asynchronous(x: u64) -> u64 {
    x + guard
}

#[::traceme::traceme(ret, err, span = __traceme_task, skip_polls)]
pub async fn result_of_a_future(mut __traceme_result: u64, (__arg0, _): (u64, u64), __arg2: u64) -> Checked {
    ::traceme::append!(__traceme_task, __arg0);
    __traceme_result += __arg0 + __arg2;
    if __traceme_result == 0 {
        return Checked::Err(::std::string::ToString::to_string("zero"));
    }
    Checked::Ok(__traceme_result)
}

#[::traceme::traceme(meta(x))]
pub fn boxed(x: u64) -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = u64>>> {
    if x == 0 {
        return ::std::boxed::Box::pin(asynchronous(1));
    }
    ::std::boxed::Box::pin(async move { x + success })
}

#[::traceme::traceme(level = 2, category = IO)]
impl Result {
    pub fn in_a_block(self) -> Option {
        Option
    }
}
