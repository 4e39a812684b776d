mod inner {
    #[traceme::traceme(skip)]
    pub mod traced {
        pub fn function() {}
    }
}

fn main() {
    inner::traced::function();
}
