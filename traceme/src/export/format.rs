//! Which format a file's name asks for.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use super::{chrome, perfetto};
use crate::error::Error;
use crate::trace::Read;

/// The formats, by the extension that asks for them.
const FORMATS: [(&str, Kind); 2] = [(".json", Kind::Chrome), (".pftrace", Kind::Perfetto)];

/// The extension that a compressed file has behind that of its format.
pub(super) const GZIP: &str = ".gz";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Chrome,
    Perfetto,
}

impl Kind {
    fn write<R: Read>(self, recording: &R, out: impl Write) -> io::Result<()> {
        match self {
            Self::Chrome => chrome(recording, out),
            Self::Perfetto => perfetto(recording, out),
        }
    }
}

/// A format that a trace can be saved in.
///
/// | extension | format | opens in |
/// |---|---|---|
/// | `.pftrace` | Perfetto's protobuf | <https://ui.perfetto.dev> |
/// | `.json` | Chrome's JSON | Perfetto, `chrome://tracing`, the Firefox Profiler, speedscope, DevTools |
///
/// With `.gz` behind it the file is compressed, which all of these read too.
///
/// ```
/// use traceme::export::Format;
///
/// let format = Format::of_path("out/trace.json.gz")?;
/// assert_eq!(format.to_string(), ".json.gz");
/// assert!(Format::of_path("trace.txt").is_err());
/// # Ok::<(), traceme::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    kind: Kind,
    gzip: bool,
}

impl Format {
    /// The format that the extension of a path asks for.
    ///
    /// # Errors
    ///
    /// [`is_file`](Error::is_file): the extension is not in the table above (the error lists those that are), or asks
    /// for compression and the feature `gzip` is off.
    pub fn of_path(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let (stem, gzip) = name.strip_suffix(GZIP).map_or((name.as_str(), false), |stem| (stem, true));
        let Some(&(_, kind)) = FORMATS.iter().find(|(extension, _)| stem.ends_with(extension)) else {
            let known: Vec<&str> = FORMATS.iter().map(|&(extension, _)| extension).collect();
            return Err(Error::file(format!(
                "{}: no format has this extension: use {}, or one of these with {GZIP} behind it",
                path.display(),
                known.join(" or ")
            )));
        };
        if gzip && cfg!(not(feature = "gzip")) {
            return Err(Error::file(format!(
                "{}: turn on the feature `gzip` of traceme to write compressed files",
                path.display()
            )));
        }
        Ok(Self { kind, gzip })
    }

    /// Writes a recording in this format. The first call in a process may [measure costs](crate::export#costs).
    ///
    /// ```
    /// use traceme::export::Format;
    ///
    /// let trace = traceme::Trace::default();
    /// let mut bytes = Vec::new();
    /// Format::of_path(".json")?.write(&trace, &mut bytes)?;
    /// assert!(bytes.starts_with(b"{"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write<R: Read>(self, recording: &R, out: impl Write) -> io::Result<()> {
        if self.gzip {
            return self.write_gzip(recording, out);
        }
        self.kind.write(recording, out)
    }

    #[cfg(feature = "gzip")]
    fn write_gzip<R: Read>(self, recording: &R, out: impl Write) -> io::Result<()> {
        let mut gzip = flate2::write::GzEncoder::new(out, flate2::Compression::default());
        self.kind.write(recording, &mut gzip)?;
        gzip.finish()?.flush()
    }

    #[cfg(not(feature = "gzip"))]
    fn write_gzip<R: Read>(self, _: &R, _: impl Write) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// The format that an extension asks for, with or without its dot: `"pftrace"`, `".json.gz"`.
impl TryFrom<&str> for Format {
    type Error = Error;

    fn try_from(extension: &str) -> Result<Self, Error> {
        Self::of_path(format!(".{}", extension.strip_prefix('.').unwrap_or(extension)))
    }
}

impl TryFrom<&String> for Format {
    type Error = Error;

    fn try_from(extension: &String) -> Result<Self, Error> {
        Self::try_from(extension.as_str())
    }
}

impl TryFrom<String> for Format {
    type Error = Error;

    fn try_from(extension: String) -> Result<Self, Error> {
        Self::try_from(extension.as_str())
    }
}

/// The extension that asks for it.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extension = FORMATS.iter().find(|(_, kind)| *kind == self.kind).map_or("", |(extension, _)| extension);
        f.write_str(extension)?;
        f.write_str(if self.gzip { GZIP } else { "" })
    }
}
