#![deny(unused_must_use)]

use traceme::span;

fn main() {
    span!("query");
}
