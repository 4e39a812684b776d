use traceme::traceme;

macro_rules! make {
    ($function:ident, $name:literal) => {
        #[traceme(name = $name)]
        fn $function() {}
    };
}

make!(traced, "");

fn main() {
    traced();
}
