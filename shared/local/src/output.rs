//! Output files: there whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Where bytes go: a file that appears when it is finished, a device or pipe, or standard output.
#[derive(Debug)]
pub(crate) struct Output {
    path: PathBuf,
    to: To,
}

#[derive(Debug)]
enum To {
    Stdout,
    /// A device or a pipe: written as it comes, since it cannot be replaced.
    Device(BufWriter<File>),
    File {
        temporary: Temporary,
        writer: BufWriter<File>,
    },
}

/// A file beside its place, removed when it is not put there.
#[derive(Debug)]
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // After the rename there is nothing to remove.
        let _ = fs::remove_file(&self.0);
    }
}

impl Output {
    /// Opens an output; `-` is standard output.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let failed = |error| Failure::file(path, &error);
        let to = if path == Path::new("-") {
            To::Stdout
        } else if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            To::Device(BufWriter::new(
                File::options().write(true).open(path).map_err(failed)?,
            ))
        } else if path.is_dir() {
            return Err(Failure::new("it is a folder")
                .at(path.display())
                .advise("name a file in it"));
        } else {
            let temporary = Temporary(beside(path)?);
            let file = File::create(&temporary.0).map_err(failed)?;
            To::File {
                temporary,
                writer: BufWriter::new(file),
            }
        };
        Ok(Self {
            path: path.to_path_buf(),
            to,
        })
    }

    /// Puts the finished file in its place.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let finished = self.flush().and_then(|()| match &self.to {
            To::Stdout | To::Device(_) => Ok(()),
            To::File { temporary, .. } => fs::rename(&temporary.0, &self.path),
        });
        finished.map_err(|error| Failure::file(&self.path, &error))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            To::Stdout => io::stdout().write(bytes),
            To::Device(writer) | To::File { writer, .. } => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Stdout => io::stdout().flush(),
            To::Device(writer) | To::File { writer, .. } => writer.flush(),
        }
    }
}

/// Writes a whole file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut output = Output::open(path)?;
    output
        .write_all(bytes)
        .map_err(|error| Failure::file(path, &error))?;
    output.finish()
}

/// A name beside `path` that this process alone uses.
pub(crate) fn beside(path: &Path) -> Result<PathBuf, Failure> {
    let name = path
        .file_name()
        .ok_or_else(|| Failure::new("it names no file").at(path.display()))?
        .to_string_lossy();
    // Cut at a character, and short, so that the longest allowed name still has one beside it.
    let start: String = name.chars().take(40).collect();
    Ok(path.with_file_name(format!(".{start}.{}.part", std::process::id())))
}

/// Writes text to standard output. A closed pipe (`| head`) is the reader's choice, not an error.
pub(crate) fn print(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_finished_leaves_nothing_and_keeps_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pdf");
        write(&path, b"old").unwrap();
        let mut output = Output::open(&path).unwrap();
        output.write_all(b"half of the new").unwrap();
        drop(output);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        write(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_folder_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Output::open(folder.path()).is_err());
    }
}
