//! Runs the compiler, or clippy, on a source, and gives what it says.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use crate::build::{Kind, Profile, library, run};

pub(crate) const EDITIONS: [&str; 3] = ["2018", "2021", "2024"];

/// The line that is replaced in every source.
const PLACE: &str = "#[traceme]\n";

/// What stands above the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Above {
    /// An empty comment.
    Nothing,
    /// The attribute alone.
    Attribute,
    /// The attribute with arguments.
    AttributeWithArguments,
}

impl Above {
    /// The source with this above its functions: lines keep their numbers, and columns theirs.
    pub(crate) fn applied_to(self, source: &str) -> String {
        assert!(source.contains(PLACE), "no attribute to replace:\n{source}");
        let line = match self {
            Self::Nothing => "// nothing stands here",
            Self::Attribute => "#[traceme::traceme]",
            Self::AttributeWithArguments => {
                "#[traceme::traceme(level = 2, name = \"traced\", category = traceme::Category::DEFAULT, \
                 span = _traced, meta(answer = 42, shown = %\"text\"))]"
            }
        };
        // All of them load traceme: what else is in a program decides how the compiler shortens paths.
        source.replace(PLACE, &format!("{line}\n")) + "extern crate traceme as _;\n"
    }
}

/// A compiler, and what traceme it links.
pub(crate) struct Compiler {
    program: PathBuf,
    traceme: OsString,
    dependencies: OsString,
    folder: PathBuf,
}

impl Compiler {
    /// The compiler that builds this test.
    pub(crate) fn rustc() -> Self {
        Self::new("rustc", env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()).into(), Kind::On)
    }

    /// The clippy of the same toolchain.
    pub(crate) fn clippy() -> Self {
        Self::clippy_with(Kind::On)
    }

    /// The same where recording is compiled in, or out.
    pub(crate) fn clippy_with(kind: Kind) -> Self {
        let sysroot = run(Command::new(Self::rustc().program).args(["--print", "sysroot"]));
        let program = Path::new(sysroot.trim()).join("bin/clippy-driver").with_extension(env::consts::EXE_EXTENSION);
        assert!(program.exists(), "{} is not there: `rustup component add clippy` installs it", program.display());
        Self::new("clippy", program, kind)
    }

    fn new(name: &str, program: PathBuf, kind: Kind) -> Self {
        let built = library(kind, Profile::Dev);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diagnostics").join(format!("{name}-{kind:?}"));
        let option = |start: &str, path: PathBuf| [start.into(), path.into_os_string()].into_iter().collect();
        Self {
            program,
            traceme: option("traceme=", built.join("libtraceme.rlib")),
            dependencies: option("dependency=", built.join("deps")),
            folder,
        }
    }

    /// What it prints about a source, byte for byte. The source has the same name whatever stands above functions.
    pub(crate) fn says(&self, name: &str, edition: &str, above: Above, source: &str) -> String {
        let folder = self.folder.join(format!("{name}-{edition}-{above:?}"));
        fs::create_dir_all(&folder).expect("a folder below the target folder");
        fs::write(folder.join("source.rs"), above.applied_to(source)).expect("a file in that folder");
        // Not the settings of this package, but those beside the test.
        let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
        let mut compiler = Command::new(&self.program);
        compiler.current_dir(&folder).env("CLIPPY_CONF_DIR", settings).env_remove("CARGO_MANIFEST_DIR");
        compiler.args(["source.rs", "--crate-type=lib", "--emit=metadata", "--edition", edition]);
        compiler.args(["--color=never", "--diagnostic-width=140"]);
        compiler.arg("--extern").arg(&self.traceme).arg("-L").arg(&self.dependencies);
        let output = compiler.output();
        let output = output.unwrap_or_else(|error| panic!("{compiler:?} could not be started: {error}"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains("internal compiler error"), "{compiler:?} failed:\n{said}");
        said
    }
}

/// Calls a function for each item, on as many threads as the machine runs at once; results in the items' order.
pub(crate) fn in_parallel<T: Sync, R: Send>(items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let part = items.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        let parts: Vec<_> = items.chunks(part).map(|part| scope.spawn(|| part.iter().map(&f).collect())).collect();
        parts.into_iter().flat_map(|part| -> Vec<R> { part.join().expect("no panic") }).collect()
    })
}
