//! What a selection shows, of recordings that are cut anywhere.

use std::collections::BTreeSet;

use super::{MISS, PLAIN, STEP, WORK, Words, int, trace_of, writer};
use crate::level::Level;
use crate::record::wire;
use crate::trace::{Event, Read, Selection, Trace};

fn rate(share: f64) -> Selection {
    Selection::default().rate(share)
}

/// `count` spans with two others and an instant inside, in chunks of less than 2^15 words.
fn trees(count: usize) -> Vec<Words> {
    let (mut chunks, mut main) = (Vec::new(), writer(1, "main"));
    for _ in (0..count).step_by(4000) {
        let mut words = Words::default();
        words.section(&mut main, 1);
        for _ in 0..4000.min(count - 4000 * chunks.len()) {
            words.begin(&mut main, WORK, 2, &[]);
            words.begin(&mut main, STEP, 3, &[]);
            words.event(wire::INSTANT, MISS, 4, &[]);
            words.end(&mut main, 5);
            words.begin(&mut main, STEP, 6, &[]);
            words.end(&mut main, 7);
            words.end(&mut main, 8);
        }
        chunks.push(words);
    }
    chunks
}

#[test]
fn a_rate_keeps_its_share_of_whole_trees() {
    const ROOTS: usize = 100_000;
    let trace = trace_of(&trees(ROOTS), Vec::new());
    for share in [0.9, 0.5, 0.1, 0.01] {
        let kept = trace.select(&rate(share));
        let roots = kept.spans().filter(|span| span.parent().is_none()).count();
        let expected = share * 100_000.0;
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let off = (roots as f64 - expected).abs();
        // One in a hundred, or three times what a true lottery differs by.
        let most = (expected / 100.0).max(3.0 * (expected * (1.0 - share)).sqrt());
        assert!(off <= most, "{roots} of {ROOTS} at {share}");
        assert!(kept.spans().all(|span| span.depth() > 0 || span.children().count() == 2));
        assert!(kept.instants().all(|instant| instant.span().is_some_and(|span| span.depth() == 1)));
        assert_eq!((kept.spans().len(), kept.instants().len()), (3 * roots, roots));
        assert_eq!(kept.event_count(), 4 * roots as u64);
    }
    for (share, events) in [(1.0, 400_000), (7.5, 400_000), (0.0, 0), (-1.0, 0), (f64::NAN, 0)] {
        assert_eq!(trace.select(&rate(share)).event_count(), events, "{share}");
    }
}

#[test]
fn a_clone_shows_the_same_when_the_trace_is_gone() {
    let trace = trace_of(&trees(4000), Vec::new());
    let half = trace.select(&rate(0.5));
    let (whole, part) = (trace.clone(), half.clone());
    let texts = (trace.text().to_string(), half.text().to_string());
    drop((trace, half));
    assert_eq!((whole.text().to_string(), part.text().to_string()), texts);
    assert_eq!((whole.event_count(), part.event_count() < 16_000), (16_000, true));
    let instants: Vec<_> = whole.instants().take(2).collect();
    assert!(
        whole.instants().next() == Some(instants[0])
            && instants[0] != instants[1]
            && part.instants().next() != Some(instants[0])
    );
    assert_eq!(instants[0].callsite_id().map(|id| id.index() as u64 + 1), Some(MISS));
}

#[test]
fn a_selection_is_made_of_all_that_a_filter_is_made_of() {
    fn shown<S: TryInto<Selection>>(trace: &Trace, selection: S) -> u64 {
        selection.try_into().map_or(0, |selection| trace.select(&selection).event_count())
    }

    let (trace, text) = (trace_of(&trees(4000), Vec::new()), String::from("all"));
    let texts = [shown(&trace, "all"), shown(&trace, &text), shown(&trace, text)];
    assert_eq!((texts, shown(&trace, 255), shown(&trace, Level::ALL)), ([16_000; 3], 16_000, 16_000));
    assert_eq!((shown(&trace, "all of it"), shown(&trace, 0)), (0, 0));
}

/// A random thread, each event of which has a time of its own.
fn random(seed: u64) -> Vec<Words> {
    let (mut main, mut state) = (writer(seed, "main"), seed);
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    let mut chunks = vec![Words::default()];
    chunks[0].section(&mut main, 1);
    for now in 2..900 {
        let (depth, words) = (main.stack.len(), chunks.last_mut().expect("there is one"));
        match next(20) {
            0..6 if depth < 6 => words.begin(&mut main, if next(2) == 0 { WORK } else { STEP }, now, &[]),
            6..11 if depth > 0 => words.end(&mut main, now),
            11 if depth > 1 => words.end_at(&mut main, next(depth), now, PLAIN),
            12 if !main.detached.is_empty() => {
                let at = next(main.detached.len());
                words.end_detached(&mut main, at, now, PLAIN);
            }
            13..16 => words.event(wire::INSTANT, MISS, now, &[]),
            16 if depth > 0 => words.append(main.stack[next(depth)].key, now, &[int(now)]),
            17 => {
                chunks.push(Words::default());
                chunks.last_mut().expect("there is one").section(&mut main, now);
            }
            _ => {}
        }
    }
    chunks
}

/// When what a trace shows happened.
fn times(trace: &Trace) -> BTreeSet<u64> {
    let appends = trace.tracks().iter().flat_map(|track| trace.events(track.id)).filter_map(|event| match event {
        Event::Append { ns, .. } => Some(ns),
        _ => None,
    });
    let instants = trace.instants().map(|instant| instant.time());
    trace.spans().map(|span| span.start()).chain(instants).chain(appends).collect()
}

#[test]
fn of_each_part_of_a_recording_the_same_is_shown() {
    let work: Selection = "all,name:work=off".parse().expect("a filter");
    let (mut shown, mut hidden) = (0, 0);
    for seed in 1..60 {
        let chunks = random(seed);
        let whole = trace_of(&chunks, Vec::new());
        for selection in [rate(0.6), work.clone(), work.clone().rate(0.6)] {
            let selected = whole.select(&selection);
            let (all, kept) = (times(&whole), times(&selected));
            shown += kept.len();
            hidden += all.len() - kept.len();
            for from in 0..chunks.len() {
                let part = trace_of(&chunks[from..], Vec::new());
                let expected: BTreeSet<u64> = times(&part).intersection(&kept).copied().collect();
                assert_eq!(times(&part.select(&selection)), expected, "{seed} from {from}");
            }
        }
    }
    assert!(shown > 10_000 && hidden > 10_000, "{shown} are shown, {hidden} are not");
}

#[test]
fn at_a_rate_all_that_is_in_a_span_goes_with_it() {
    for seed in 1..60 {
        let whole = trace_of(&random(seed), Vec::new());
        let kept = times(&whole.select(&rate(0.5)));
        for span in whole.spans().filter(|span| !span.flags().is_overlapping()) {
            let Some(parent) = span.parent() else { continue };
            assert_eq!(kept.contains(&span.start()), kept.contains(&parent.start()), "{seed}: {span:?}");
        }
        for instant in whole.instants() {
            let Some(span) = instant.span() else { continue };
            assert_eq!(kept.contains(&instant.time()), kept.contains(&span.start()), "{seed}: {instant:?}");
        }
    }
}

#[test]
fn a_selection_of_a_selection_shows_what_both_do() {
    let whole = trace_of(&random(5), Vec::new());
    let work: Selection = "all,name:work=off".parse().expect("a filter");
    let steps = whole.select(&work);
    let both = times(&steps).intersection(&times(&whole.select(&rate(0.7)))).copied().collect::<BTreeSet<_>>();
    for twice in
        [steps.select(&rate(0.7)), whole.select(&rate(0.7)).select(&work), steps.select(&rate(0.7)).select(&rate(0.9))]
    {
        assert_eq!(times(&twice), both);
    }
    assert!(both.len() > 20, "{}", both.len());
}
