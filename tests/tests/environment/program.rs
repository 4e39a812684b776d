//! Runs the programs of this test, each in a process and a directory of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

/// Counts the directories.
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A program to run.
pub(crate) struct Program {
    command: Command,
    folder: PathBuf,
}

/// What a program left behind.
pub(crate) struct Outcome {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The files in its directory, by name.
    pub(crate) files: Vec<String>,
    pub(crate) pid: u32,
    folder: PathBuf,
}

impl Program {
    /// The program `environment`, which is to end in this way.
    pub(crate) fn new(how: &str) -> Self {
        let mut program = Self::of(Path::new(env!("CARGO_BIN_EXE_environment")), how);
        program.command.arg(how);
        program
    }

    /// A program of one's own choice, and a name for its directory.
    pub(crate) fn of(program: &Path, name: &str) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("environment-{}-{number}-{name}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).unwrap();
        let mut command = Command::new(program);
        command.current_dir(&folder).env("RUST_BACKTRACE", "0");
        for variable in ["TRACEME", "TRACEME_OUT", "TRACEME_MEMORY"] {
            command.env_remove(variable);
        }
        Self { command, folder }
    }

    pub(crate) fn argument(mut self, argument: &str) -> Self {
        self.command.arg(argument);
        self
    }

    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, variable: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(variable, value);
        self
    }

    /// Runs it to its end, but for five minutes at most.
    pub(crate) fn run(self) -> Outcome {
        self.run_at(Stdio::piped())
    }

    /// The same at another terminal.
    pub(crate) fn run_at(mut self, terminal: Stdio) -> Outcome {
        let mut child = self.command.stdout(Stdio::piped()).stderr(terminal).spawn().unwrap();
        let pid = child.id();
        for _ in 0..30_000 {
            if child.try_wait().unwrap().is_some() {
                let output = child.wait_with_output().unwrap();
                return Outcome {
                    status: output.status,
                    stdout: String::from_utf8(output.stdout).unwrap(),
                    stderr: String::from_utf8(output.stderr).unwrap(),
                    files: files_in(&self.folder),
                    pid,
                    folder: self.folder,
                };
            }
            thread::sleep(Duration::from_millis(10));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        panic!("{:?} hangs: it was killed after 5 minutes", self.command);
    }
}

fn files_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    files
}

impl Outcome {
    /// The files in a directory below that of the program.
    pub(crate) fn files_in(&self, folder: &str) -> Vec<String> {
        files_in(&self.folder.join(folder))
    }

    /// The text of a file that the program left.
    pub(crate) fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap()
    }

    /// How often something stands in a file.
    pub(crate) fn count(&self, name: &str, what: &str) -> u64 {
        self.file(name).matches(what).count() as u64
    }

    /// The id of the process that has said this; that of the program if it says what it has recorded.
    pub(crate) fn id_of(&self, who: &str) -> u32 {
        let said = self.stdout.lines().find_map(|line| line.strip_prefix(who)?.strip_prefix(' '));
        let said = said.unwrap_or_else(|| panic!("{who} has said nothing: {}", self.stdout)).parse().unwrap();
        if who == "recorded" { self.pid } else { said }
    }

    /// The file of that process, if each has its own.
    pub(crate) fn file_of(&self, who: &str) -> String {
        format!("out-{}.json", self.id_of(who))
    }

    /// What the program says to have recorded.
    pub(crate) fn recorded(&self) -> u64 {
        let line = self.stdout.lines().find_map(|line| line.strip_prefix("recorded "));
        line.unwrap_or_else(|| panic!("{} {} {}", self.status, self.stdout, self.stderr)).parse().unwrap()
    }

    /// What traceme has told in it.
    pub(crate) fn told(&self) -> String {
        self.stderr.split_inclusive('\n').filter(|line| line.starts_with("traceme: ")).collect()
    }

    /// What it printed as an error, but for what says that a trace was saved.
    pub(crate) fn errors(&self) -> String {
        self.stderr.split_inclusive('\n').filter(|line| !line.starts_with("traceme: wrote ")).collect()
    }

    /// Checks that the program ended well, left one file, with as many events as the program says, and told that.
    #[track_caller]
    pub(crate) fn assert_saved(&self, file: &str, recorded: u64) {
        self.assert_saved_in_silence(file, recorded);
        self.assert_told(file);
    }

    /// The same of a program that is told itself, by `finish`.
    #[track_caller]
    pub(crate) fn assert_saved_in_silence(&self, file: &str, recorded: u64) {
        assert!(self.status.success(), "{}\n{}", self.status, self.stderr);
        self.assert_saved_anyhow(file, recorded);
        assert_eq!(self.errors(), "");
    }

    /// Checks that one line says that this file was saved, whatever else there is.
    #[track_caller]
    pub(crate) fn assert_told(&self, file: &str) {
        let told: Vec<_> = self.stderr.lines().filter_map(|line| line.strip_prefix("traceme: wrote ")).collect();
        let [told] = told[..] else { panic!("{}", self.stderr) };
        let events = told.strip_prefix(file).and_then(|rest| rest.strip_prefix(" ("));
        assert!(events.is_some_and(|events| events.ends_with(" events)") || events == "1 event)"), "{told}");
    }

    /// The same, whatever the end.
    #[track_caller]
    pub(crate) fn assert_saved_anyhow(&self, file: &str, recorded: u64) {
        assert_eq!(self.files, [file], "{} {}", self.stdout, self.stderr);
        assert_eq!((self.recorded(), self.count(file, "attempt")), (recorded, recorded), "{}", self.stdout);
    }

    /// Checks that it ended well and left nothing.
    #[track_caller]
    pub(crate) fn assert_nothing(&self, errors: &str) {
        assert!(self.status.success(), "{}\n{}", self.status, self.stderr);
        assert_eq!((self.files.as_slice(), self.recorded(), self.stderr.as_str()), (&[][..], 0, errors));
    }
}

impl Drop for Outcome {
    fn drop(&mut self) {
        if !thread::panicking() {
            // It is only in the way.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}
