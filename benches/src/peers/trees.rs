//! What a bar compares with: tracing-chrome, for once with more than a span.

use std::path::Path;

use tracing::info_span;
use tracing_chrome::ChromeLayerBuilder;
use tracing_subscriber::layer::SubscriberExt;

/// Records trees of 40 spans with two integers each, inside one span, as [`crate::subjects::trees_with_values`] does.
///
/// # Panics
///
/// If the process has a subscriber.
pub fn record_with_tracing_chrome(file: &Path, count: u64) {
    let (layer, guard) = ChromeLayerBuilder::new().file(file).include_args(true).build();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).expect("the first one");
    {
        let _all = info_span!("all").entered();
        for request in 0..count / 40 {
            tree(3, request);
        }
    }
    drop(guard);
}

#[inline(never)]
fn tree(levels: u32, request: u64) {
    let _tree = info_span!("tree", request, size = request * 512).entered();
    if levels > 0 {
        for _ in 0..3 {
            tree(levels - 1, request);
        }
    }
}
