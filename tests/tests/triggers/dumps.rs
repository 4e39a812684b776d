//! Files that are saved when something fires.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use traceme::__private::mock;
use traceme::export::Format;
use traceme::session::{Action, Trigger};
use traceme::{Session, trace_scope};

use crate::common::{alone, in_child};
use crate::{looked, sending};

/// A folder of its own that isn't there yet, and goes when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("triggers-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Self(folder)
    }

    /// The names of the files, the oldest dump first.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort_by_key(|name| (number(name, 2), number(name, 3), name.clone()));
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A number in the name of a dump.
fn number(name: &str, part: usize) -> u64 {
    name.split('-').nth(part).and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn spans_in(json: &str) -> usize {
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    json["traceEvents"].as_array().unwrap().iter().filter(|event| event["name"] == "work").count()
}

#[test]
fn a_dump_is_a_whole_file_with_all_that_was_recorded() {
    let _alone = alone();
    let folder = Folder::new("whole");
    let session = Session::start(3).unwrap();
    let (counts, heard) = sending(|_| ());
    let save = Action::save(&folder.0, ".json").every(Duration::ZERO);
    session.on(Trigger::manual(), save).unwrap();
    session.on(Trigger::manual(), Action::save(&folder.0, Format::of_path("x.pftrace").unwrap())).unwrap();
    session.on(Trigger::alert(), counts).unwrap();
    for _ in 0..3 {
        for n in 0..100 {
            trace_scope!("work", level = 2, meta(n));
        }
        session.fire();
        looked(&heard);
    }
    assert_eq!(session.failures().count, 0);
    drop(session);
    let names = folder.names();
    let json: Vec<_> = names.iter().filter(|name| name.ends_with(".json")).collect();
    assert_eq!((json.len(), names.len()), (3, 4), "one in ten seconds unless something else is said: {names:?}");
    for (name, spans) in json.iter().zip([100, 200, 300]) {
        assert!(name.starts_with(&format!("traceme-{}-1", std::process::id())) && name.ends_with("-manual.json"));
        assert_eq!(spans_in(&fs::read_to_string(folder.0.join(name)).unwrap()), spans);
    }
}

#[test]
fn so_many_dumps_are_kept_and_no_other_file_is_touched() {
    let _alone = alone();
    let folder = Folder::new("keep");
    fs::create_dir(&folder.0).unwrap();
    let [old, older] = ["traceme-1-1000-7-panic.pftrace", "traceme-2-999-8-span-over.json"];
    let others = ["traceme-1.pftrace", "traceme-1-0-0-panic.txt", "trace.json", "traceme-a-0-0-panic.json"];
    for name in [old, older].iter().chain(&others) {
        fs::write(folder.0.join(name), "{}").unwrap();
    }
    let dumps = || {
        let names = folder.names().into_iter().filter(|name| !others.contains(&name.as_str()));
        names.collect::<Vec<_>>()
    };
    let session = Session::start(1).unwrap();
    let (counts, heard) = sending(|_| ());
    session.on(Trigger::manual(), Action::save(&folder.0, "json").every(Duration::ZERO).keep(3)).unwrap();
    session.on(Trigger::alert(), counts).unwrap();
    let fire = || {
        session.fire();
        looked(&heard);
        dumps()
    };
    let first = fire();
    assert_eq!((first.len(), &first[..2]), (3, &[older.to_string(), old.to_string()][..]));
    let second = fire();
    assert_eq!((second.len(), second[0].as_str()), (3, old));
    let last = (0..5).map(|_| fire()).next_back().unwrap();
    assert_eq!(last.len(), 3);
    assert!(last.iter().all(|name| name.ends_with("-manual.json")));
    assert_eq!((number(&last[0], 3) + 2, number(&last[1], 3) + 1), (number(&last[2], 3), number(&last[2], 3)));
    drop(session);
    assert!(others.iter().all(|name| fs::read_to_string(folder.0.join(name)).unwrap() == "{}"));
}

#[test]
fn a_dump_that_was_just_made_is_kept_though_the_clock_was_set_back() {
    let _alone = alone();
    let folder = Folder::new("set-back");
    fs::create_dir(&folder.0).unwrap();
    let later = [8, 9].map(|number| format!("traceme-1-99999999999999-{number}-panic.json"));
    later.iter().for_each(|name| fs::write(folder.0.join(name), "{}").unwrap());
    for keep in [2, 1] {
        let session = Session::start(1).unwrap();
        session.on(Trigger::manual(), Action::save(&folder.0, "json").keep(keep)).unwrap();
        session.fire();
        drop(session);
        let names = folder.names();
        assert_eq!(names.len(), keep, "{names:?}");
        assert!(names[0].ends_with("-manual.json") && names[1..] == later[3 - keep..], "{names:?}");
    }
}

#[test]
fn one_is_saved_in_the_time_that_was_said() {
    in_child("dumps::one_is_saved_in_the_time_that_was_said", || {
        let folder = Folder::new("rate");
        mock(1_000_000_000);
        let session = Session::start(1).unwrap();
        let (counts, heard) = sending(|_| ());
        session.on(Trigger::manual(), Action::save(&folder.0, "pftrace")).unwrap();
        session.on(Trigger::alert(), counts).unwrap();
        let saved = [(0, 1), (5, 1), (9, 1), (10, 2), (19, 2), (20, 3)];
        for (second, files) in saved {
            mock((1 + second) * 1_000_000_000);
            session.fire();
            looked(&heard);
            assert_eq!(folder.names().len(), files, "after {second} s");
        }
        drop(session);
    });
}

#[test]
fn a_place_that_cant_be_written_is_an_error_at_once() {
    let _alone = alone();
    let folder = Folder::new("errors");
    fs::create_dir(&folder.0).unwrap();
    let file = folder.0.join("file");
    fs::write(&file, "").unwrap();
    let session = Session::start(1).unwrap();
    for action in
        [Action::save(&file, "json"), Action::save(&folder.0, "bmp"), Action::save(file.join("below"), "json")]
    {
        let error = session.on(Trigger::manual(), action).unwrap_err();
        assert!(error.is_file(), "{error}");
    }
    assert!(session.on(Trigger::manual(), Action::raise("loud", Duration::ZERO)).unwrap_err().is_filter());
    session.fire();
    drop(session);
    assert_eq!(folder.names(), ["file"]);
}

#[test]
fn a_dump_that_cant_be_saved_is_counted_and_the_next_one_is_saved() {
    in_child("dumps::a_dump_that_cant_be_saved_is_counted_and_the_next_one_is_saved", || {
        let folder = Folder::new("failures");
        let session = Session::start(1).unwrap();
        let (counts, heard) = sending(|_| ());
        session.on(Trigger::manual(), Action::save(&folder.0, "json").every(Duration::ZERO)).unwrap();
        session.on(Trigger::alert(), counts).unwrap();
        fs::remove_dir_all(&folder.0).unwrap();
        for count in 1..=2 {
            session.fire();
            looked(&heard);
            let failures = session.failures();
            assert_eq!(failures.count, count);
            assert!(failures.last.unwrap().is_file());
        }
        fs::create_dir(&folder.0).unwrap();
        session.fire();
        looked(&heard);
        assert_eq!((folder.names().len(), session.failures().count), (1, 2));
        drop(session);
    });
}
