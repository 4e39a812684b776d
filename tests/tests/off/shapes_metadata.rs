//! Variables that only metadata uses: none is kept for it, neither in a register nor across an `.await`.

use crate::*;

#[inline(never)]
pub fn only_in_metadata(x: u64, text: &str) -> u64 {
    let (copy, owned, reference, mut list) = (work(x), x.to_string(), &text[1..], vec![x]);
    let moved = owned.clone();
    list.push(copy);
    trace_scope!(name = owned.as_str(), level = 2, meta(copy, reference, last = ?list.last(), text = %text));
    let guard = span!("guard", meta(next = copy + 1));
    append!(guard, copy, owned, bytes = moved.into_bytes().len());
    counter!("counter", copy);
    let activity = activity!("activity", meta(reference));
    activity!("part", parent = &activity);
    step!("step", copy, meta(list = list.as_slice()));
    work(x)
}

async fn only_in_metadata_behind_awaits(x: u64, text: String, list: &[u64; 4]) -> u64 {
    let (copy, owned, reference) = (work(x), x.to_string(), &list[x as usize % 4]);
    let (moved, number) = (owned.clone(), work(x + 1));
    suspend().await;
    instant!("instant", level = 2, meta(copy, reference, text = text.as_str(), length = owned.len()));
    suspend().await;
    trace_scope!(name = format!("{owned} {reference}"), meta(first = list[0]));
    append!(bytes = moved.into_bytes().len());
    counter!("counter", copy + *reference);
    suspend().await;
    step!("step", number, meta(reference));
    work(x)
}

#[inline(never)]
pub fn metadata_behind_awaits(x: u64) -> u64 {
    let list = [x; 4];
    let mut future = pin!(only_in_metadata_behind_awaits(x, x.to_string(), &list));
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
            return result + size_of_val(&*future) as u64;
        }
    }
}
