//! Functions that give futures, as `shapes.rs` has the others.

use crate::*;

#[cfg_attr(annotated, traceme(level = 2, name = format!("{x} {text}"), meta(x, text = text.as_str(), list = ?list)))]
async fn annotated_future(x: u64, text: String, list: &[u64; 4]) -> u64 {
    suspend().await;
    let held = [work(x); 4];
    suspend().await;
    held[list[1] as usize % 4] + text.len() as u64
}

#[inline(never)]
pub fn async_fn(x: u64) -> u64 {
    let list = [x; 4];
    let mut future = pin!(annotated_future(x, x.to_string(), &list));
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
            return result + size_of_val(&*future) as u64;
        }
    }
}

#[cfg_attr(annotated, traceme(level = 2, err, ret(Value), span = s, skip_polls, meta(x)))]
async fn annotated_future_of_a_result(mut x: u64, (text, _): (String, u8), _: u64) -> Result<u64, std::num::ParseIntError> {
    #[cfg(annotated)]
    append!(s, length = text.len());
    suspend().await;
    let number: u64 = text.parse()?;
    x += number;
    if x == 7 {
        return Ok(1);
    }
    Ok(work(x))
}

#[cfg_attr(annotated, traceme(level = 2, meta(x)))]
fn annotated_future_of_another_kind(x: u64) -> impl Future<Output = u64> {
    async move {
        suspend().await;
        work(x)
    }
}

#[cfg_attr(annotated, traceme(level = 2))]
fn annotated_future_in_a_box(x: u64) -> std::pin::Pin<Box<dyn Future<Output = u64>>> {
    Box::pin(async move {
        suspend().await;
        work(x)
    })
}

#[cfg_attr(annotated, traceme(level = 2, ret))]
#[must_use]
async fn annotated_future_that_stays_async(
    mut x: u64,
    (text, _): (String, String),
    _: String,
    Two(mut a, _): Two,
    ref b: String,
    (mut c, (_, d)): (u64, (u64, String)),
) -> u64 {
    suspend().await;
    x += (text.len() + a.len() + b.len() + d.len()) as u64;
    a = x.to_string();
    c += work(x);
    suspend().await;
    c
}

struct Two(String, String);

#[inline(never)]
pub fn async_fns(x: u64) -> u64 {
    let mut context = Context::from_waker(Waker::noop());
    let mut result = pin!(annotated_future_of_a_result(x, (x.to_string(), 1), 2));
    let mut another = pin!(annotated_future_of_another_kind(x));
    let mut boxed = annotated_future_in_a_box(x);
    let text = || x.to_string();
    let (two, tuple) = (Two(text(), text()), (x, (x, text())));
    let mut stays = pin!(annotated_future_that_stays_async(x, (text(), text()), text(), two, text(), tuple));
    let mut sum = (size_of_val(&*result) + size_of_val(&*another) + size_of_val(&*boxed) + size_of_val(&*stays)) as u64;
    for _ in 0..3 {
        if let Poll::Ready(Ok(x)) = result.as_mut().poll(&mut context) {
            sum += x;
        }
        if let Poll::Ready(x) = another.as_mut().poll(&mut context) {
            sum += x;
        }
        if let Poll::Ready(x) = boxed.as_mut().poll(&mut context) {
            sum += x;
        }
        if let Poll::Ready(x) = stays.as_mut().poll(&mut context) {
            sum += x;
        }
    }
    sum
}
