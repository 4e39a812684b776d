use traceme::span;

fn main() {
    let _span = span!("send", flow_out = 7);
}
