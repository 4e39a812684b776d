mod inner {
    const IO: traceme::Category = traceme::Category::new("io");

    #[traceme::traceme(category = IO)]
    pub mod traced {
        pub fn function() {}
    }
}

fn main() {
    inner::traced::function();
}
