//! What a session with a filter records.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::cell::Cell;

use common::{alone, assert_sound, below_thread, spawn};
use traceme::{Filter, Level, Session, active, append, counter, instant, span, trace_scope};

traceme::categories! {
    ALLOC = "alloc";
}

mod net {
    pub(crate) mod tcp {
        pub(crate) fn work() {
            traceme::trace_scope!("tcp", level = 3);
        }
    }

    pub(crate) fn work() {
        traceme::trace_scope!("net", level = 2);
        traceme::instant!("packet", level = 3);
        tcp::work();
    }
}

mod network {
    pub(crate) fn work() {
        traceme::trace_scope!("network", level = 2);
    }
}

thread_local! {
    static EVALUATED: Cell<u32> = const { Cell::new(0) };
}

fn evaluated<T>(value: T) -> T {
    EVALUATED.set(EVALUATED.get() + 1);
    value
}

/// One event or more of each kind that a filter can tell apart.
fn work() {
    let outer = span!("outer", level = 1, meta(n = evaluated(1 + 1)));
    net::work();
    network::work();
    trace_scope!("grow", level = 2, category = ALLOC, meta(n = evaluated(2 + 2)));
    trace_scope!(name = evaluated(format!("made {}", 1)), level = 2);
    counter!("level", evaluated(5), level = 3);
    append!(outer, more = evaluated(3 + 3));
}

/// What [`work`] records with a filter, as text, and how many expressions were evaluated.
#[track_caller]
fn filtered(filter: &str) -> (String, u32) {
    let filter = filter.replace("HERE", module_path!());
    let session = Session::builder().filter(&filter).start().unwrap();
    let evaluated = spawn("work", || {
        work();
        EVALUATED.get()
    });
    let evaluated = evaluated.join().unwrap();
    let trace = session.stop();
    assert_sound(&trace);
    assert!(trace.losses().is_empty(), "{:?}", trace.losses());
    let text = trace.text().to_string();
    let (counters, threads) = text.split_at(text.find("thread").unwrap_or(text.len()));
    (counters.replace('\n', ";") + &below_thread(threads), evaluated)
}

#[test]
fn directives_decide_what_is_recorded() {
    let _alone = alone();
    let cases = [
        ("off", "", 0),
        ("critical", "outer n=2 more=6", 2),
        ("info", "outer n=2 more=6\n  net\n  network\n  grow n=4\n    made 1", 4),
        ("info,cat:alloc=off", "outer n=2 more=6\n  net\n  network\n  made 1", 3),
        ("HERE::net=3", "net\n  * packet\n  tcp", 0),
        ("HERE::net::*=3", "tcp", 0),
        ("*::tcp=all,*::network=critical", "tcp", 0),
        ("1,name:net=2,name:tcp=3", "outer n=2 more=6\n  net\n    tcp", 2),
        ("name:*=3", "counter level;  = 5;outer n=2 more=6\n  net\n    * packet\n    tcp\n  network\n  grow n=4", 4),
        ("HERE=3,HERE::net=off,cat:alloc=off,name:level=off", "outer n=2 more=6\n  network\n  made 1", 3),
    ];
    for (filter, expected, evaluations) in cases {
        assert_eq!(filtered(filter), (expected.to_string(), evaluations), "{filter}");
    }
}

#[test]
fn each_session_has_its_own_filter() {
    let _alone = alone();
    for _ in 0..2 {
        assert_eq!(filtered("HERE::network=info").0, "network");
        assert_eq!(filtered("HERE::net::tcp=3").0, "tcp");
    }
    let session = Session::start(1).unwrap();
    net::work();
    assert!(session.stop().is_empty(), "a level after a filter");
}

#[test]
fn a_filter_and_a_level_replace_each_other() {
    let _alone = alone();
    let count = |session: Session| {
        instant!("one", level = 1);
        instant!("two", level = 2);
        session.stop().event_count()
    };
    assert_eq!(count(Session::builder().filter("off").level(2).start().unwrap()), 2);
    assert_eq!(count(Session::builder().level(2).filter("off").start().unwrap()), 0);
    assert_eq!(count(Session::builder().level(0).filter("1").start().unwrap()), 1);
    assert_eq!(count(Session::builder().filter(Filter::default()).start().unwrap()), 2);
    assert_eq!(count(Session::builder().filter(Level::CRITICAL).start().unwrap()), 1);
}

#[test]
fn what_is_active_is_the_highest_level_of_any_directive() {
    let _alone = alone();
    let session = Session::builder().filter("info,a=7,b=off").start().unwrap();
    assert!(active(Level::try_from(7).unwrap()) && !active(Level::try_from(8).unwrap()));
    drop(session);
    let session = Session::builder().filter("off").start().unwrap();
    assert!(!active(Level::CRITICAL));
    drop(session);
}

#[test]
fn categories_and_directives_must_both_let_a_callsite_through() {
    let _alone = alone();
    let session = Session::builder().categories([ALLOC]).filter("all,name:free=off").start().unwrap();
    instant!("grow", category = ALLOC);
    instant!("free", category = ALLOC);
    instant!("else");
    let trace = session.stop();
    let names: Vec<_> = trace.instants().map(|instant| instant.name().to_string()).collect();
    assert_eq!(names, ["grow"]);
}

#[test]
fn a_wrong_filter_is_shown_and_nothing_starts() {
    let _alone = alone();
    let shown = |filter: &str| {
        let error = Session::builder().filter(filter).start().unwrap_err();
        assert!(error.is_filter() && !active(Level::CRITICAL), "{error}");
        error.to_string()
    };
    let levels = "critical, info, verbose, all, off, or a number from 1 to 255";
    assert_eq!(
        shown("info, net::*=loud ,cat:alloc=off"),
        format!(
            "wrong filter directive `net::*=loud`: expected a level: {levels}\n  info, net::*=loud ,cat:alloc=off\n  \
             \x20            ^"
        )
    );
    assert_eq!(
        shown("größe=3,,"),
        format!("empty filter directive: expected a level ({levels}) or `module=level`\n  größe=3,,\n          ^")
    );
    assert_eq!(
        shown("info,\nkat:io=3"),
        "wrong filter directive `kat:io=3`: expected a module path, `cat:` with a category or `name:` with a name\n  \
         info, kat:io=3\n           ^"
    );
}
