//! Mistakes in what annotations are given, compiled by `main.rs`, with the code of its error behind each: it is one where
//! recording is compiled out, too. `ON` is before the code of those that are none there.
#![allow(dead_code)]

use std::cell::Cell;
use std::future::ready;

use traceme::{activity, append, counter, instant, span, step, trace_scope, traced, traceme};

fn is_sent(_: impl Send) {}

fn moved_by_metadata(text: String) -> String {
    instant!("instant", meta(bytes = text.into_bytes().len()));
    text // E0382
}

fn moved_before(text: String) {
    drop(text);
    trace_scope!("scope", meta(length = text.len())); // E0382
}

fn moved_by_a_future(text: String) {
    let _future = traced!(async move { text.len() }, "future", meta(length = text.len())); // E0382
}

fn stopped() {
    let guard = span!("span");
    guard.stop();
    append!(guard, done = true); // E0382
}

fn ended() {
    let outer = activity!("outer");
    outer.end();
    let _inner = activity!("inner", parent = &outer); // E0382
}

fn borrowed(mut list: Vec<u32>) {
    let last = list.last_mut();
    counter!("length", list.len()); // E0502
    *last.unwrap() = 1;
}

fn changed(number: u32) {
    step!("step", std::mem::replace(&mut number, 1)); // E0596
}

fn without_a_value() {
    let number: u32;
    instant!("instant", meta(number)); // E0381
}

fn not_a_value(list: Vec<String>) {
    instant!("instant", meta(list)); // E0277
}

fn not_a_number(text: &str) {
    counter!("counter", text); // E0277
}

#[traceme(meta(bytes = text.into_bytes().len()))]
fn moved_by_the_attribute(text: String) -> String {
    text // E0382
}

#[traceme(span = task)]
async fn moved_in_a_future(text: String) {
    drop(text);
    append!(task, length = text.len()); // E0382
}

async fn shared_by_metadata(cell: &Cell<u32>, number: &u32) {
    ready(()).await;
    instant!("instant", meta(number, value = cell.get()));
}

fn sends() {
    let cell = Cell::new(1);
    is_sent(shared_by_metadata(&cell, &2)); // Send
}

async fn keeps_a_value_for_metadata() {
    let shared = &Cell::new(2);
    ready(()).await;
    instant!("instant", meta(value = shared.get()));
}

fn sends_what_is_kept() {
    is_sent(keeps_a_value_for_metadata()); // Send
}

async fn keeps_a_guard() {
    let guard = span!("span");
    ready(()).await;
    append!(guard, done = true);
}

fn sends_a_guard() {
    is_sent(keeps_a_guard()); // Send
}

async fn keeps_a_guard_to_the_end() {
    trace_scope!("span");
    ready(()).await;
}

fn sends_a_guard_to_the_end() {
    is_sent(keeps_a_guard_to_the_end()); // ON Send
}

fn stays_of_its_type() {
    let mut future = ready(());
    future = traced!(future, "future"); // ON E0308
}

const fn constant(number: u32) -> u32 {
    instant!("instant", meta(number)); // E0015
    number
}

const fn constant_without_metadata() {
    instant!("instant"); // ON E0015
}

fn too_many(n: u32) {
    instant!("instant", meta(n, n, n, n, n, n, n, n, n, n, n, n, n, n, n)); // E0080
}
