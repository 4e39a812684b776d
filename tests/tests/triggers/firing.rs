//! Who fires, who hears of it, and that nothing is missed.

use std::panic::{catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use traceme::session::{Action, Failures, Trigger};
use traceme::{Level, Memory, Session, Trace, instant, recorder, span, trace_scope};

use crate::common::{alone, in_child, span_names, spawn};
use crate::{looked, sending};

#[test]
fn a_session_can_be_shared_by_threads() {
    const THREADS: u64 = 4;
    const TURNS: u64 = 50;
    let _alone = alone();
    let session = Arc::new(Session::start(3).unwrap());
    let counts = Arc::<Mutex<Vec<u64>>>::default();
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let (session, counts) = (Arc::clone(&session), Arc::clone(&counts));
            spawn("fires", move || {
                let count = move |_: &traceme::session::Fired<'_>| counts.lock().unwrap().push(thread);
                session.on(Trigger::manual(), Action::call(count)).unwrap();
                for n in 0..TURNS {
                    trace_scope!("turn", level = 2, meta(n));
                    session.fire();
                    assert!(session.snapshot().event_count() > 0);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let trace = Arc::into_inner(session).unwrap().stop();
    assert_eq!(trace.event_count(), THREADS * TURNS);
    let counts = counts.lock().unwrap();
    for thread in 0..THREADS {
        let heard = counts.iter().filter(|&&of| of == thread).count() as u64;
        assert!((TURNS..=THREADS * TURNS).contains(&heard), "each hears at least what it fires itself: {heard}");
    }
}

#[test]
fn what_has_fired_before_the_stop_is_acted_on_while_the_session_is_whole() {
    let _alone = alone();
    for turn in 0..20 {
        let (action, heard) = sending(|fired| (fired.to_string(), span_names(&fired.snapshot())));
        let session = Session::builder().on(Trigger::manual(), action).start().unwrap();
        {
            trace_scope!("before", level = 2);
        }
        session.fire();
        if turn % 2 == 0 {
            session.stop();
        } else {
            drop(session);
        }
        assert_eq!(heard.rest(), [("manual".to_string(), vec!["before".to_string()])]);
    }
}

#[test]
fn a_trigger_of_one_session_fires_nothing_in_the_next() {
    let _alone = alone();
    let (action, first) = sending(|fired| fired.snapshot().event_count());
    let session = Session::builder().on(Trigger::manual(), action).start().unwrap();
    session.fire();
    session.stop();
    let (action, second) = sending(|fired| fired.snapshot().event_count());
    let session =
        Session::builder().on(Trigger::manual(), action).on(Trigger::panic(), sending(|_| ()).0).start().unwrap();
    instant!("once", level = 1);
    session.fire();
    session.fire();
    session.stop();
    assert_eq!((first.rest(), second.rest()), (vec![0], vec![1, 1]));
}

#[test]
fn an_action_may_do_all_that_a_program_may() {
    in_child("firing::an_action_may_do_all_that_a_program_may", || {
        assert!(!recorder::on(Trigger::manual(), Action::call(|_| ())).unwrap(), "there is no session");
        assert!(recorder::start(Level::ALL));
        let (action, heard) = sending(|_| {
            instant!("in the action", level = 3);
            assert!(recorder::set_filter("info").unwrap());
            assert!(recorder::on(Trigger::manual(), Action::call(|_| ())).unwrap());
            recorder::snapshot().event_count()
        });
        let mut again = true;
        let fire_again = move |_: &traceme::session::Fired<'_>| {
            if std::mem::take(&mut again) {
                recorder::fire();
            }
        };
        assert!(recorder::on(Trigger::manual(), action).unwrap());
        assert!(recorder::on(Trigger::manual(), Action::call(fire_again)).unwrap());
        spawn("fires", recorder::fire).join().unwrap();
        assert!(heard.next() >= 1);
        assert!(heard.next() >= 1);
        let trace = recorder::stop();
        assert_eq!(trace.event_count(), 1, "by its filter the second one is left out");
        assert!(heard.rest().is_empty());
    });
}

#[test]
fn an_action_can_stop_its_own_session() {
    in_child("firing::an_action_can_stop_its_own_session", || {
        assert!(recorder::start(Level::ALL));
        let (action, heard) = sending(|_| recorder::stop().event_count());
        assert!(recorder::on(Trigger::manual(), action).unwrap());
        instant!("one");
        recorder::fire();
        assert_eq!(heard.next(), 1);
        assert!(heard.rest().is_empty());
        assert!(!traceme::active(Level::CRITICAL) && recorder::stop().is_empty());
    });
}

#[test]
fn an_action_that_stops_its_own_session_takes_nothing_from_others() {
    let _alone = alone();
    let (batches, given) = mpsc::channel();
    let session =
        Session::builder().sink(move |batch: &Trace| batches.send(batch.event_count()).unwrap()).start().unwrap();
    let shared = Arc::new(Mutex::new(Some(session)));
    let guard = shared.lock().unwrap();
    let session = guard.as_ref().unwrap();
    let ((entered, has_entered), theirs) = (mpsc::channel(), Arc::clone(&shared));
    let (stops, stopped) = sending(move |_| {
        entered.send(()).unwrap();
        let session = theirs.lock().unwrap().take();
        session.map(|session| session.stop().event_count())
    });
    let (hears, heard) = sending(|fired| (fired.alert().unwrap().name(), fired.snapshot().event_count()));
    session.on(Trigger::manual(), stops).unwrap();
    session.on(Trigger::alert(), hears).unwrap();
    session.fire();
    has_entered.recv().unwrap();
    for _ in 0..10 {
        drop(traceme::__private::alert(span!("slow", level = 2), 0));
    }
    drop(guard);
    assert_eq!(stopped.next(), Some(10));
    assert_eq!(given.iter().sum::<u64>(), 10);
    assert_eq!(heard.rest(), vec![("slow".to_string(), 10); 10]);
}

#[test]
fn panics_are_counted_each_also_those_that_are_caught() {
    in_child("firing::panics_are_counted_each_also_those_that_are_caught", || {
        let (action, heard) = sending(|fired| (fired.to_string(), span_names(&fired.snapshot())));
        let session = Session::builder().on(Trigger::panic(), action).start().unwrap();
        let panics = || {
            trace_scope!("risky", level = 2);
            panic!("on purpose");
        };
        assert!(catch_unwind(panics).is_err());
        assert!(spawn("panics", panics).join().is_err());
        for _ in 0..2 {
            let (trigger, names) = heard.next();
            assert!(trigger == "panic" && !names.is_empty() && names.iter().all(|name| name == "risky"), "{names:?}");
        }
        assert!(spawn("no panic", || resume_unwind(Box::new("no hook is called"))).join().is_err());
        session.stop();
        assert!(heard.rest().is_empty());
        // Nobody listens any more.
        assert!(catch_unwind(panics).is_err());
    });
}

#[test]
fn panics_can_be_watched_while_a_hook_of_the_program_asks_the_recorder() {
    in_child("firing::panics_can_be_watched_while_a_hook_of_the_program_asks_the_recorder", || {
        assert!(recorder::start(Level::ALL));
        let (entered, has_entered) = mpsc::channel();
        let entered = Mutex::new(entered);
        std::panic::set_hook(Box::new(move |_| {
            entered.lock().unwrap().send(()).unwrap();
            // Whoever begins to watch meanwhile waits for this hook.
            (0..10_000).for_each(|_| {
                std::thread::yield_now();
                assert_eq!(recorder::snapshot().event_count(), 1);
            });
        }));
        instant!("one");
        let panics = spawn("panics", || panic!("on purpose"));
        has_entered.recv().unwrap();
        let (action, heard) = sending(|_| ());
        assert!(recorder::on(Trigger::panic(), action).unwrap());
        assert!(panics.join().is_err());
        let _ = std::panic::take_hook();
        recorder::stop();
        assert!(heard.rest().is_empty());
    });
}

#[test]
fn a_function_that_panics_is_not_called_again_and_is_a_failure() {
    let _alone = alone();
    let session = Session::start(1).unwrap();
    let (counts, heard) = sending(|_| ());
    session.on(Trigger::manual(), Action::call(|_| resume_unwind(Box::new("on purpose")))).unwrap();
    session.on(Trigger::manual(), counts).unwrap();
    assert_eq!(session.failures(), Failures::default());
    (0..3).for_each(|_| session.fire());
    (0..3).for_each(|_| heard.next());
    let Failures { count, last, .. } = session.failures();
    assert_eq!(count, 1);
    assert_eq!(last.unwrap().to_string(), "manual: its function panicked, and isn't called again");
    drop(session);
}

#[test]
fn what_fires_too_early_is_counted() {
    in_child("firing::what_fires_too_early_is_counted", || {
        use traceme::__private::mock;
        mock(1_000_000);
        let (action, heard) = sending(|fired| fired.suppressed());
        let (looks, alerts) = sending(|_| ());
        let session = Session::start(1).unwrap();
        session.on(Trigger::manual(), action.every(Duration::from_nanos(100))).unwrap();
        session.on(Trigger::alert(), looks).unwrap();
        let fire = |at: u64, times: usize| {
            mock(1_000_000 + at);
            (0..times).for_each(|_| session.fire());
            looked(&alerts);
        };
        fire(0, 1);
        fire(1, 5);
        fire(99, 2);
        fire(100, 3);
        fire(200, 1);
        fire(1000, 1);
        session.stop();
        assert_eq!(heard.rest(), [0, 7, 2, 0]);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn memory_fires_when_it_comes_above_and_not_again_before_it_was_below() {
    in_child("firing::memory_fires_when_it_comes_above_and_not_again_before_it_was_below", || {
        const MIB: usize = 1 << 20;
        let limit = crate::common::resident() + 64 * MIB;
        let (action, heard) = sending(|_| ());
        let session = Session::builder().memory(Memory::ring(1 << 20)).start().unwrap();
        session.on(Trigger::rss_over(limit as u64), action).unwrap();
        let (looks, looked) = sending(|_| ());
        session.on(Trigger::rss_over(0), looks).unwrap();
        looked.next();
        for _ in 0..2 {
            // So large that it goes back to the system when it is dropped.
            let memory = vec![1_u8; 128 * MIB];
            heard.next();
            drop(std::hint::black_box(memory));
            assert!(crate::common::resident() < limit);
            // Memory is looked at ten times a second. A rule looks at once; those before the second one have, by then.
            #[expect(clippy::disallowed_methods, reason = "a limit, not a measurement")]
            let since = std::time::Instant::now();
            while since.elapsed() < Duration::from_millis(150) {
                std::thread::yield_now();
            }
            for _ in 0..2 {
                let (looks, looked) = sending(|_| ());
                session.on(Trigger::rss_over(0), looks).unwrap();
                looked.next();
            }
        }
        session.stop();
        assert!(heard.rest().is_empty());
    });
}

#[test]
fn a_handler_is_called_while_others_record_at_full_speed() {
    static OVER: AtomicBool = AtomicBool::new(false);
    in_child("firing::a_handler_is_called_while_others_record_at_full_speed", || {
        let session = Session::builder().memory(Memory::ring(4 << 20)).start().unwrap();
        let (action, heard) = sending(|fired| fired.snapshot().event_count());
        session.on(Trigger::manual(), action).unwrap();
        let record = || {
            while !OVER.load(Ordering::Relaxed) {
                trace_scope!("busy", level = 2);
            }
        };
        let threads: Vec<_> = (0..4).map(|_| spawn("busy", record)).collect();
        for _ in 0..50 {
            session.fire();
            heard.next();
        }
        OVER.store(true, Ordering::Relaxed);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        session.stop();
    });
}

/// In a process that is killed after some minutes: who waits for what blocks would wait for ever.
#[test]
fn nobody_waits_for_an_action_that_blocks_nor_for_who_rotates() {
    in_child("firing::nobody_waits_for_an_action_that_blocks_nor_for_who_rotates", || {
        const TICKS: u64 = 100_000;
        let _alone = alone();
        let session = Session::builder().memory(Memory::ring(16 << 20)).start().unwrap();
        let (tell, blocks) = mpsc::channel();
        let (release, wait) = mpsc::channel::<()>();
        let block = Action::call(move |_| {
            tell.send(()).unwrap();
            let _ = wait.recv();
        });
        session.on(Trigger::manual(), block).unwrap();
        session.fire();
        blocks.recv().unwrap();
        let mut accounted = 0;
        for _ in 0..4 {
            // As long as the action blocks: threads that begin, fill chunks and end, and those who look at what is held.
            spawn("work", || (0..TICKS).for_each(|n| instant!("tick", meta(n)))).join().unwrap();
            session.set_filter("info").unwrap();
            drop(session.snapshot());
            accounted += crate::common::accounted(&session.rotate());
        }
        release.send(()).unwrap();
        assert_eq!(accounted + crate::common::accounted(&session.stop()), 4 * TICKS);
    });
}
