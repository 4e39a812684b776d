use traceme::traceme;

#[traceme]
#[unsafe(naked)]
extern "C" fn traced() {
    core::arch::naked_asm!("ret")
}

fn main() {
    traced();
}
