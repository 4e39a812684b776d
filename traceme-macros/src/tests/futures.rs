//! What functions become that give a future.

use proc_macro2::{Ident, Span};
use quote::quote;

use super::{errors, expands, planned, print, tokens, wrong_on};
use crate::annotate;
use crate::attributes::Stays;
use crate::function::FnItem;
use crate::future::{Future, boxed_at_the_end, may_return};
use crate::patterns::{Parts, parts};

const BEGIN: &str =
    "let __traceme_task = ::traceme::__record_task!([] \"f\" 1 (::traceme::Category::DEFAULT) [] [] ());";

fn never(output: &str) -> String {
    format!("if false {{ let __traceme_result = ::traceme::__private::never::<{output}>(); return __traceme_result; }}")
}

#[test]
fn an_async_fn_returns_a_future() {
    expands(
        "",
        "#[inline] pub async unsafe fn f() { body().await }",
        &format!(
            "#[inline] pub unsafe fn f() -> impl ::core::future::Future<Output = ()> {{ {{ {BEGIN}
                ::traceme::__as_task!(__traceme_task [future] [] async move {{ {} ({{ body().await }}) }})
            }} }}",
            never("()")
        ),
    );
    let before =
        "async fn f<'a, T: Into<u8>>(&'a mut self, mut a: T, #[cfg(x)] (b, mut c): (u8, u8), _: u8, #[allow(y)] d: u8)";
    let after = "fn f<'a, T: Into<u8>>(&'a mut self, a: T, #[cfg(x)] __arg2: (u8, u8), __arg3: u8, d: u8)";
    expands(
        "",
        &format!("{before} -> &'a T where T: 'a {{ body() }}"),
        &format!(
            "{after} -> impl ::core::future::Future<Output = &'a T> where T: 'a {{ {{ {BEGIN}
                ::traceme::__as_task!(__traceme_task [future] [] async move {{
                    if false {{ let _ = &self; }}
                    match self {{ _ => {{}} }}
                    let mut a = a;
                    #[cfg(x)] let __arg2 = __arg2;
                    #[cfg(x)] let (b, mut c) = __arg2;
                    let __arg3 = __arg3;
                    let _ = __arg3;
                    #[allow(y)] let d = d;
                    {}
                    ({{ body() }})
                }})
            }} }}",
            never("&'a T")
        ),
    );
}

#[test]
fn arguments_keep_their_names() {
    let arguments = "_: u8, _a: u8, ref b: u8, (c,): (u8,), r#_d: u8, #[cfg(x)] _e: u8, #[cfg(y)] _e: u16";
    let expansion = annotate(quote!(), tokens(&format!("async fn f({arguments}) {{ body() }}"))).to_string();
    // But for patterns, which the compiler calls so, too, and what is there two times.
    let kept = "__arg0: u8, _a: u8, b: u8, __arg3: (u8,), r#_d: u8, #[cfg(x)] __arg5: u8, #[cfg(y)] __arg6: u16";
    let header = tokens(&format!("fn f({kept}) -> impl")).to_string();
    assert!(expansion.starts_with(&header), "{expansion}");
}

#[test]
fn arguments() {
    expands(
        "meta(a = a.len()), span = s, skip_polls, ret(Value)",
        "async fn f(a: &str) -> u8 { body() }",
        &format!(
            "fn f(a: &str) -> impl ::core::future::Future<Output = u8> {{ {{
                let __traceme_task = ::traceme::__record_task!(
                    [skip_polls] \"f\" 1 (::traceme::Category::DEFAULT) [] [(\"a\", \"\", \"\")]
                    (::traceme::__private::value(&(a.len())), ())
                );
                let s = __traceme_task;
                match s {{ _ => {{}} }}
                ::traceme::__as_task!(
                    __traceme_task [future [u8]] [__traceme_result [ret ::traceme::__private::value(&(__traceme_result))]]
                    async move {{ let a = a; match a {{ _ => {{}} }} {} ({{ body() }}) }}
                )
            }} }}",
            never("u8")
        ),
    );
}

#[test]
fn a_header_stays_that_others_look_at() {
    let within = |header: &str, whole: &str, output: &str| {
        let parts = format!("__traceme_task [within [{whole}] [{output}]] [] {} ({{ body() }})", never(output));
        format!("{header} {{ {{ {BEGIN} ::traceme::__as_task! {{ {parts} }} }} }}")
    };
    let expected = "#[expect(async_fn_in_trait, reason = \"r\")]";
    for further in ["#[tokio::test]", "#[must_use] #[a]", "#[cfg_attr(a, async_trait)]", "#[doc = \"d\"] #[instrument]"]
    {
        let header = format!("{further} async fn f(&self, (a, b): (u8, u8), mut c: u8) -> u8");
        expands("", &format!("{header} {{ body() }}"), &within(&header, "c self", "u8"));
    }
    // Nobody but the compiler looks at these: tuples are taken apart, other patterns go inside, and what is behind them.
    for further in ["#[must_use]", expected, "#[inline] #[cfg_attr(a, must_use = \"m\", cold)]"] {
        let before = format!(
            "{further} async fn f(&self, mut a: A, (b, (mut c, _), _): (B, (C, C), D), _: C, S(d): S, #[cfg(x)] mut e: E) -> u8"
        );
        // Compiled out all of them are where they were.
        let after = format!(
            "{further} async fn f(&self, mut a: A, ::traceme::__argument!([(b, (mut c, _), _)] __arg2): (B, (C, C), D),
                ::traceme::__argument!([_] __arg3): C, ::traceme::__argument!([S(d)] __arg4): S,
                #[cfg(x)] ::traceme::__argument!([mut e] e): E) -> u8"
        );
        let parts = format!(
            "__traceme_task [within [__arg3 c b __arg2_left0 __arg2_left1 a self] [u8]] []
            ::traceme::__compiled_in! {{ let __arg4 = __arg4; let S(d) = __arg4; #[cfg(x)] let mut e = e; }}
            {} ({{ body() }})",
            never("u8")
        );
        let apart = "::traceme::__compiled_in! { let (b, (mut c, __arg2_left0,), __arg2_left1,) = __arg2; }";
        let expected = format!("{after} {{ {{ {apart} {BEGIN} ::traceme::__as_task! {{ {parts} }} }} }}");
        expands("", &format!("{before} {{ body() }}"), &expected);
    }
    // A variable of a pattern would hide these.
    for arguments in ["span = b", "level = b", "rate = b", "category = b"] {
        let expansion = annotate(tokens(arguments), tokens("#[must_use] async fn f((a, b): (u8, u8)) {}")).to_string();
        assert!(print(tokens(&expansion)).contains("let __arg0 = __arg0 ; let ( a , b ) = __arg0"), "{expansion}");
        assert!(!expansion.contains("compiled_in"), "{expansion}");
    }
    // Would be expected of an argument that has nothing of it.
    let expansion = annotate(quote!(), tokens("#[must_use] async fn f(#[expect(x)] (a, b): (u8, u8), mut c: u8) {}"));
    let header = tokens("#[must_use] async fn f(__arg0: (u8, u8), c: u8)").to_string();
    assert!(expansion.to_string().starts_with(&header), "{expansion}");
    let header = "async fn f() -> !";
    let body = "::traceme::__as_task! { __traceme_task [never [] [!]] [] ({ body() }) }";
    expands("", &format!("{header} {{ body() }}"), &format!("{header} {{ {{ {BEGIN} {body} }} }}"));

    let block = |attributes: &str| annotate(quote!(), tokens(&format!("{attributes} impl S {{ async fn f() {{}} }}")));
    let stays = |attributes| block(attributes).to_string().contains("async fn f");
    assert!(stays("#[async_trait]") && !stays("#[allow(a)] #[clippy::b] #[cfg_attr(a, cold, doc = \"d\")]"));
    let stays = |header: &str| planned("meta(k = a + 1)", &format!("{header} {{}}")).stays;
    assert_eq!(stays("async fn f((a, b): (u8, u8))"), Stays::All, "`a` is not there before the body");
    assert_eq!(stays("#[must_use] async fn f((a, b): (u8, u8))"), Stays::All);
    assert_eq!(stays("#[must_use] async fn f((b, c): (u8, u8), mut a: u8)"), Stays::Async);
    assert_eq!(stays("async fn f((b, c): (u8, u8), mut a: u8)"), Stays::Nothing);
    assert_eq!(stays("#[expect(clippy::unused_async)] async fn f()"), Stays::Nothing, "it is allowed instead");
}

#[test]
fn a_header_stays_with_a_lifetime_without_a_name_in_an_impl() {
    let stays = |argument: &str| planned("", &format!("async fn f(a: u8, {argument}) {{}}")).stays;
    let anonymous = [
        "impl Executor<'_>",
        "impl Into<Cow<'_, str>>",
        "impl Iterator<Item = &u32>",
        "impl Iterator<Item = &mut u32> + Send",
        "&'a [impl AsRef<[&str]>]",
        "Option<(u8, impl Into<(u8, &'_ str)>)>",
        "impl Fn(&str) -> &str + Into<&str>",
        "impl Iterator<Item = impl Fn() + Trait<'_>>",
        "Vec<impl Fn(&u8) -> Vec<&u8>, &u8, impl Trait<'_>>",
    ];
    let others = [
        "&str",
        "&mut impl Executor<'a>",
        "(impl Display, &str)",
        "Map<impl Hash, &str>",
        "&impl Into<&'static str>",
        "impl Fn(&str, Cow<'_, str>) -> Box<dyn Fn(&str) -> &str + '_> + Send",
        "impl for<'a> Fn(&'a str) -> &'a str",
        "impl Iterator<Item = fn(&str) -> Option<&str>>",
        "Box<dyn Debug + '_>",
    ];
    for argument in anonymous {
        assert_eq!(stays(&format!("b: {argument}, c: u8")), Stays::Async, "{argument}");
    }
    for argument in others {
        assert_eq!(stays(&format!("b: {argument}, c: &str")), Stays::Nothing, "{argument}");
    }
}

#[test]
fn what_returns_a_future() {
    let opaque = "fn f() -> impl Future<Output = u8> + Send";
    let inside = |how: &str| format!("{opaque} {{ {{ {BEGIN} ::traceme::__as_task!(__traceme_task {how}) }} }}");
    expands("", &format!("{opaque} {{ body() }}"), &inside("[future] [] ({ body() })"));
    expands("", &format!("{opaque} {{ return body() }}"), &inside("[call []] [] { return body() }"));

    let boxed = "fn f(a: &mut u8) -> Pin<Box<dyn Future<Output = u8> + '_>>";
    let pinned = |before: &str, how: &str| {
        let future = format!("::traceme::__as_task!(__traceme_task {how} [] async move {{ a }})");
        format!("{boxed} {{ {{ {BEGIN} ({{ {before} ::std::boxed::Box::pin({future}) }}) }} }}")
    };
    let end = "::std::boxed::Box::pin(async move { a },)";
    expands("", &format!("{boxed} {{ {end} }}"), &pinned("", "[future]"));
    let behind_statements =
        pinned("::traceme::__begun!(__traceme_life __traceme_task); check(); {}", "[begun __traceme_life]");
    expands("", &format!("{boxed} {{ check(); {{}} {end} }}"), &behind_statements);
    let how = "__traceme_task [boxed [a] [|| ->] [Pin<Box<dyn Future<Output = u8> + '_>>]] [] { body(a) }";
    expands(
        "",
        &format!("{boxed} {{ body(a) }}"),
        &format!("{boxed} {{ {{ {BEGIN} ::traceme::__as_task! {{ {how} }} }} }}"),
    );
}

#[test]
fn types_that_are_futures() {
    let returned = |output| Future::returned(&tokens(output));
    let opaque = [
        "impl Future",
        "impl ::core::future::Future<Output = impl Fn() -> u8> + Send + Sync + 'a + use<'a, T> + Unpin",
        "impl Send + std::future::Future<Output = Vec<Option<u8>>>",
    ];
    let boxed = [
        "Pin<Box<dyn Future<Output = u8>>>",
        "::core::pin::Pin<::std::boxed::Box<dyn ::core::future::Future<Output = Result<u8, E>> + ::core::marker::Send + 'async_trait>>",
        "BoxFuture<'a, u8>",
        "futures::future::LocalBoxFuture<'static, ()>",
    ];
    let others = [
        "impl Future + Clone",
        "impl FusedFuture<Output = u8>",
        "impl Fn() -> Pin<Box<dyn Future>>",
        "impl IntoFuture",
        "JoinHandle<u8>",
        "Ready<u8>",
        "Box<dyn Future<Output = u8> + Unpin>",
        "Pin<Box<Ready<u8>>>",
        "Pin<Box<impl Future<Output = u8>>>",
        "Pin<&mut dyn Future<Output = u8>>",
        "Option<Pin<Box<dyn Future<Output = u8>>>>",
        "()",
    ];
    opaque.into_iter().for_each(|output| assert_eq!(returned(output), Some(Future::Opaque), "{output}"));
    boxed.into_iter().for_each(|output| assert_eq!(returned(output), Some(Future::Boxed), "{output}"));
    others.into_iter().for_each(|output| assert_eq!(returned(output), None, "{output}"));
}

#[test]
fn what_clippy_would_say_of_what_they_become_is_allowed() {
    let allowed = |item: &str| {
        let expansion = annotate(quote!(), tokens(item)).to_string();
        let is_there = |lint| expansion.contains(&tokens(&format!("#[allow(clippy::{lint})]")).to_string());
        [is_there("async_yields_async"), is_there("should_implement_trait")]
    };
    for output in ["JoinHandle<u8>", "tokio::task::JoinHandle<()>", "Pin<Box<dyn Future>>", "impl Future", "F"] {
        assert_eq!(allowed(&format!("async fn f() -> {output} {{ body() }}")), [true, false], "{output}");
        assert_eq!(allowed(&format!("#[must_use] async fn f() -> {output} {{ body() }}")), [true, false], "{output}");
    }
    for output in ["()", "u8", "std::vec::Vec<JoinHandle<u8>>", "Result<F, E>", "&str", "[F; 2]", "!"] {
        assert_eq!(allowed(&format!("async fn f() -> {output} {{ body() }}")), [false, false], "{output}");
    }
    assert_eq!(allowed("fn f() -> JoinHandle<u8> { body() }"), [false, false]);
    assert_eq!(allowed("impl S { async fn next(&mut self) -> Option<u8> { body() } }"), [false, true]);
    assert_eq!(allowed("impl S { #[must_use] async fn next(&mut self) -> Option<u8> { body() } }"), [false, false]);
    assert_eq!(allowed("impl S { fn next(&mut self) -> Option<u8> { body() } }"), [false, false]);
}

#[test]
fn what_is_expected_and_can_not_be_found_is_allowed() {
    let becomes = |attribute: &str, is: &str| {
        for header in ["async fn f() -> u8", "fn f() -> impl Future<Output = u8>", "#[a] async fn f() -> u8"] {
            let expansion = annotate(quote!(), tokens(&format!("{attribute} {header} {{ body() }}"))).to_string();
            assert!(expansion.starts_with(&tokens(is).to_string()), "{expansion}");
        }
    };
    becomes("#[expect(clippy::needless_return)]", "#[allow(clippy::needless_return)]");
    becomes(
        "#[expect(a, clippy::manual_async_fn, reason = \"r\")]",
        "#[allow(a, clippy::manual_async_fn, reason = \"r\")]",
    );
    becomes("#[expect(unused_variables)]", "#[expect(unused_variables)]");
    becomes("#[warn(clippy::unused_async)]", "#[warn(clippy::unused_async)]");
    let block = |arguments, level| {
        let block = format!("#[{level}(clippy::unused_async)] impl S {{ fn f() {{}} #[traceme(skip)] fn g() {{}} }}");
        annotate(tokens(arguments), tokens(&block)).to_string()
    };
    assert_eq!(block("", "expect"), block("", "allow"));
    assert_ne!(block("skip", "expect"), block("skip", "allow"), "nothing changes there");
}

#[test]
fn what_leaves_a_body() {
    let leaves = |body| may_return(tokens(body));
    for body in ["return x", "if a { return b; } c", "f()?", "bail!(1)", "|| { return 1 }", "async; { return }"] {
        assert!(leaves(body), "{body}");
    }
    for body in ["", "x", "async move { return x }", "async { f()? }", "a != b", "f(async { return 1 })"] {
        assert!(!leaves(body), "{body}");
    }
    let boxed = |body| boxed_at_the_end(tokens(body)).map(|(_, group)| print(group.stream()));
    for body in ["Box::pin(x)", "a; std::boxed::Box::pin(x)", "if a { b } Box::pin(x)", "return Box::pin(x)"] {
        assert_eq!(boxed(body).as_deref(), Some("x"), "{body}");
    }
    assert_eq!(boxed("Box::pin(async { return x? })").as_deref(), Some("async { return x ? }"));
    assert_eq!(boxed("Box::pin(match x { Some(x) => x, None => return Box::pin(ready(0)) })"), None);
    for body in ["", "Box::new(x)", "pin(x)", "Box::pin(x).b()", "a = Box::pin(x)", "Box::pin(x);", "a?; Box::pin(x)"] {
        assert_eq!(boxed(body), None, "{body}");
    }
}

#[test]
fn mistakes() {
    let alert = "`alert` is not for functions that give a future, which takes as long as what it waits for: \
                 put it on the functions that this one calls between two `.await`s";
    wrong_on("alert = \"5ms\"", "async fn f() {}", &[(alert, "alert")]);
    wrong_on("alert = \"5ms\"", "fn f() -> impl Future<Output = u8> { body() }", &[(alert, "alert")]);
    let polls = "`skip_polls` is for functions that give a future: remove it";
    wrong_on("skip_polls", "fn f() -> JoinHandle<u8> { body() }", &[(polls, "skip_polls")]);
    wrong_on(
        "skip_polls = 1",
        "async fn f() {}",
        &[("`skip_polls` has no value: `#[traceme(skip_polls)]`", "skip_polls")],
    );
    wrong_on(
        "skip_polls(a)",
        "async fn f() {}",
        &[("`skip_polls` has no value: `#[traceme(skip_polls)]`", "skip_polls")],
    );
    wrong_on(
        "ret",
        "async fn f() -> impl Clone { body() }",
        &[(
            "`ret` cannot record an `impl Trait`: its type cannot be named, and could not be checked where recording is \
             compiled out; return a type with a name, or record the result in the body",
            "impl",
        )],
    );
    wrong_on(
        "err",
        "async fn f() {}",
        &[("`err` is for functions that return a `Result`: remove it, or use `ret`", "err")],
    );
    let values = (0..14).map(|key| format!("k{key} = n,")).collect::<String>();
    wrong_on(
        &format!("meta({values})"),
        "async fn f() {}",
        &[("a span carries at most 14 values, of which the task around it is one", "k13")],
    );
    let (found, item) = errors(annotate(tokens("span = s, level = 0"), tokens("async fn f() { s }")));
    assert_eq!((found.len(), item.contains("let s = __traceme_task")), (1, true));
}

#[test]
fn what_a_pattern_takes_apart() {
    let apart = |argument: &str| {
        let function = FnItem::read(tokens(&format!("async fn f({argument}) {{}}"))).expect("a function");
        let parts = parts(&function.arguments[0], &Ident::new("arg", Span::call_site()));
        let names = |parts: Parts| parts.variables.iter().map(Ident::to_string).collect::<Vec<_>>().join(" ");
        parts.map(names)
    };
    for (argument, expected) in [
        ("&mut self", "self"),
        ("mut a: A", "a"),
        ("_: A", "arg"),
        ("(): ()", ""),
        ("(mut a,): (A,)", "a"),
        ("(_, a, (b, _)): (A, B<C, D>, (E, F),)", "b a arg_left0 arg_left1"),
    ] {
        assert_eq!(apart(argument).as_deref(), Some(expected), "{argument}");
    }
    let others = [
        "(a, b): A",
        "(a, _): &(A, B)",
        "(a, ..): (A, B)",
        "(a): (A)",
        "(ref a, b): (A, B)",
        "(A, b): (A, B)",
        "S(a): S",
    ];
    for argument in others.into_iter().chain(["(S { a }, b): (S, B)", "[a, b]: [A; 2]", "&a: &A", "a @ _: A"]) {
        assert_eq!(apart(argument), None, "{argument}");
    }
}
