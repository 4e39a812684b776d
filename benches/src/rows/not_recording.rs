//! What annotations cost while nothing records.
//!
//! A difference of a cycle or none in functions of a few ns depends on where the code comes to lie: so it is
//! measured in several processes, and the median of these counts for each shape.

use super::fresh;
use crate::clock::ns_per_tick;
use crate::quiet::quietly;
use crate::shapes::{annotated, bare, call_in_a_chain, call_independently};
use crate::slices::{Outcome, Patience, columns, time};

/// The argument by which `bars` asks a process of its own for [`added_by_shape`].
pub(super) const ADDED_BY_SHAPE: &str = "--added-by-shape";

const SHAPES: usize = annotated::SHAPES.len();

/// What annotations add to twelve shapes of functions: the median.
pub(super) fn added() -> Outcome {
    Patience::of_row(measure)
}

fn measure(patience: Patience) -> Result<Outcome, Outcome> {
    const PROCESSES: usize = 15;
    let processes = patience.gather(PROCESSES, |processes| {
        processes.extend(fresh::numbers::<{ 2 * SHAPES }>(ADDED_BY_SHAPE));
    })?;
    // Of all processes the median, of each number.
    let numbers: [f64; 2 * SHAPES] = std::array::from_fn(|at| {
        let mut all: Vec<f64> = processes.iter().map(|process| process[at]).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    });
    let (chained, independent) = (&numbers[..SHAPES], &numbers[SHAPES..2 * SHAPES]);
    let note = format!(
        "calls that need the last one's result: {}; calls that don't: {:.2} ({})",
        list(chained),
        median(independent),
        list(independent)
    );
    Ok(Outcome::Measured(median(chained), note))
}

/// The ns by shape, the median first.
fn list(added: &[f64]) -> String {
    let mut by_shape: Vec<_> = added.iter().zip(annotated::SHAPES).collect();
    by_shape.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let list: Vec<String> = by_shape.iter().map(|(ns, shape)| format!("{} {ns:.2}", shape.name)).collect();
    list.join(", ")
}

fn median(added: &[f64]) -> f64 {
    let mut sorted = added.to_vec();
    sorted.sort_by(f64::total_cmp);
    f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2])
}

/// The ns that an annotation adds to a call of each shape in this process: first where each call needs the result of
/// the one before, then where calls don't depend on each other. Nothing if the machine is busy.
pub(super) fn added_by_shape() -> String {
    all_added().map_or_else(|_| String::new(), |added| added.iter().map(|ns| format!("{ns} ")).collect())
}

fn all_added() -> Result<Vec<f64>, Outcome> {
    const CALLS: u64 = 10_000;
    const SLICES: usize = 60;
    let (ns, patience) = (ns_per_tick() / CALLS as f64, Patience::of_process());
    let mut all = Vec::new();
    for call in [call_in_a_chain, call_independently] {
        for (bare, annotated) in bare::SHAPES.into_iter().zip(annotated::SHAPES) {
            let slices = patience.gather(SLICES, |slices| {
                slices.extend(quietly(|| [time(|| call(bare.call, CALLS)), time(|| call(annotated.call, CALLS))]));
            })?;
            let [without, with] = columns(&slices);
            all.push((with.p10() - without.p10()) * ns / f64::from(annotated.annotations));
        }
    }
    Ok(all)
}
