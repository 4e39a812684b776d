use traceme::traceme;

trait Load {
    #[traceme]
    fn load(&self) -> u8;
}

struct File;

impl Load for File {
    fn load(&self) -> u8 {
        1
    }
}

fn main() {
    File.load();
}
