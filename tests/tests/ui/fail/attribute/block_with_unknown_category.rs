mod inner {
    const IO: traceme::Category = traceme::Category::new("io");

    #[traceme::traceme(category = IO)]
    pub mod traced {
        pub fn function() {}

        pub fn other() {}
    }
}

fn main() {
    inner::traced::function();
    inner::traced::other();
}
