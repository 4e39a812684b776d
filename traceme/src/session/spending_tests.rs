//! What the arithmetic of a budget comes to, with programs that are made up.

use super::spending::{Costs, Look, Spending};
use crate::rate::Rate;
use crate::record::allowance::Count;
use crate::record::periods::Period;

const COSTS: Costs = Costs { skip: 0.05, crowd: 0.0, span: 30.0 };
const TICK: f64 = 1e7;

/// A program of which each callsite attempts so many events a second, on two processors.
struct Program {
    spending: Spending,
    counts: Vec<Count>,
    periods: Vec<f64>,
    own: Vec<Period>,
    /// How often each event that is recorded is polled: it is a task.
    polls: u64,
}

impl Program {
    fn new(share: f64, own: &[f64]) -> Self {
        let mut spending = Spending::new(share);
        spending.set_costs(COSTS);
        own.iter().for_each(|_| spending.add(Count::default(), 1.0));
        let own = own.iter().map(|&rate| Period::of(Rate::new(rate).expect("a rate"))).collect();
        let counts = vec![Count::default(); spending.known()];
        Self { spending, periods: vec![1.0; counts.len()], counts, own, polls: 0 }
    }

    /// Runs for some ticks; gives the share of the time that recording took.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole events")]
    fn run(&mut self, ticks: u32, rates: &[f64]) -> f64 {
        let mut used = 0.0;
        for tick in 0..ticks {
            // The thread that looks is not on time.
            let time = TICK * [1.0, 0.7, 1.6][tick as usize % 3];
            for ((count, rate), period) in self.counts.iter_mut().zip(rates).zip(&self.periods) {
                let attempts = (rate / 1e9 * time) as u64;
                let chosen = (attempts as f64 / period) as u64;
                (count.attempts, count.chosen) = (count.attempts + attempts, count.chosen + chosen);
                count.polls += chosen * self.polls;
                used += (chosen * (1 + self.polls)) as f64 * COSTS.span + (attempts - chosen) as f64 * COSTS.skip;
            }
            let look = Look { time, processor_time: 2.0 * time, overhead: 0.0, counts: &self.counts };
            let periods = &mut self.periods;
            self.spending.look(look, |id| self.own[id], |id, period| periods[id] = period.events());
        }
        let time: f64 = (0..ticks).map(|tick| 2.0 * TICK * [1.0, 0.7, 1.6][tick as usize % 3]).sum();
        used / time
    }
}

#[test]
fn a_hot_callsite_pays_and_rare_ones_stay_whole() {
    let mut program = Program::new(0.01, &[1.0, 1.0, 1.0, 1.0]);
    let rates = [25e6, 10e6, 2e4, 100.0];
    program.run(100, &rates);
    for _ in 0..10 {
        let used = program.run(100, &rates);
        assert!((used - 0.01).abs() < 0.0003, "{used}");
        assert_eq!(program.periods[2..], [1.0, 1.0]);
        let kept = [25e6 / program.periods[0], 10e6 / program.periods[1]];
        assert!((kept[0] / kept[1] - 1.0).abs() < 0.05, "both as often: {kept:?}");
    }
    assert!((program.spending.used() - 0.01).abs() < 0.001, "{}", program.spending.used());
}

#[test]
fn what_fits_is_whole_and_rates_are_the_most() {
    let mut program = Program::new(0.05, &[1.0, 0.01, 1.0]);
    program.run(50, &[1e5, 1e6, 1e4]);
    assert_eq!([program.periods[0], program.periods[2]], [1.0, 1.0]);
    assert!((program.periods[1] - 100.0).abs() < 0.01, "its own rate, though there is room");
}

#[test]
fn tasks_pay_for_their_polls() {
    let mut program = Program::new(0.01, &[1.0, 1.0]);
    program.polls = 9;
    program.run(100, &[1e6, 1e4]);
    let used = program.run(100, &[1e6, 1e4]);
    assert!((used - 0.01).abs() < 0.0003, "{used}");
    assert!(program.periods[0] > 10.0 && program.periods[1] < 1.01, "{:?}", program.periods);
}

#[test]
fn bursts_are_paid_back() {
    let mut program = Program::new(0.01, &[1.0, 1.0]);
    let mut used = Vec::new();
    program.run(100, &[1e7, 0.0]);
    // Ten times a second another callsite is hot for a twentieth of it.
    for _ in 0..30 {
        let busy = program.run(5, &[1e7, 5e7]);
        let quiet = program.run(5, &[1e7, 0.0]);
        used.push(f64::midpoint(busy, quiet));
    }
    let late: f64 = used[20..].iter().sum::<f64>() / 10.0;
    assert!((late - 0.01).abs() < 0.003, "{late} of {used:?}");
}

#[test]
fn it_settles_without_swinging() {
    let mut program = Program::new(0.01, &[1.0]);
    program.run(300, &[4e7]);
    let periods: Vec<f64> = (0..100)
        .map(|_| {
            program.run(1, &[4e7]);
            program.periods[0]
        })
        .collect();
    let (least, most) = (periods.iter().copied().fold(f64::MAX, f64::min), periods.iter().copied().fold(0.0, f64::max));
    assert!(most / least < 1.02, "{least} to {most}");
}

#[test]
fn a_program_that_does_nothing_uses_nothing() {
    let mut program = Program::new(0.01, &[1.0]);
    assert_eq!(program.spending.used(), 0.0);
    program.run(10, &[0.0]);
    assert_eq!((program.spending.used(), program.periods[0]), (0.0, 1.0));
}

#[test]
fn what_is_rare_is_never_cut_also_in_debt() {
    let mut own = vec![1.0; 300];
    own.push(1.0);
    let mut program = Program::new(0.01, &own);
    let mut rates = vec![1e5; 300];
    rates.push(0.0);
    for tick in 0..500 {
        // A burst that takes all the time, again and again: the debt is never paid off.
        program.counts[0].attempts += if tick % 10 == 0 { 1_000_000 } else { 0 };
        program.counts[0].chosen += if tick % 10 == 0 { 1_000_000 } else { 0 };
        // Ten a second, each as if it were a thousand.
        let rare = if tick % 11 == 0 { 1 } else { 0 };
        program.counts[300] = Count {
            attempts: program.counts[300].attempts + rare,
            chosen: program.counts[300].chosen + rare,
            polls: 0,
        };
        program.run(1, &rates);
        assert!((program.periods[300] - 1.0).abs() < f64::EPSILON, "{} at {tick}", program.periods[300]);
    }
    assert!(program.spending.used() > 0.02, "{}", program.spending.used());
    assert!(program.periods[1] > 100.0, "{}", program.periods[1]);
}

#[test]
fn a_budget_that_leaving_out_alone_exceeds_is_told_as_exceeded() {
    let mut program = Program::new(0.001, &[1.0; 4]);
    let rates = [50e6; 4];
    program.run(100, &rates);
    let used = program.run(100, &rates);
    // 200 M events a second, of 0.05 ns, on two processors.
    assert!((used - 0.005).abs() < 0.0003, "{used}");
    assert!(program.spending.used() > 0.004, "{}", program.spending.used());
}

#[test]
fn leaving_out_takes_more_where_many_callsites_are_hot() {
    let used = |rates: &[f64]| {
        let mut program = Program::new(0.01, &vec![1.0; rates.len()]);
        program.spending.set_costs(Costs { crowd: 0.7, ..COSTS });
        program.run(300, rates);
        program.spending.used()
    };
    let mut rare = vec![100.0; 200];
    rare.push(40e6);
    assert!(used(&rare) < 0.012, "one is hot: {}", used(&rare));
    // 40 M of 0.05 + 0.62 ns, on two processors.
    assert!(used(&[2e5; 200]) > 0.013, "more than the budget, and told so: {}", used(&[2e5; 200]));
}
