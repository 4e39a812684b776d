use traceme::traceme;

#[traceme]
#[path = "module_in_another_file.txt"]
mod other;

fn main() {
    other::function();
}
