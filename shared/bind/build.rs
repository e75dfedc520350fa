//! Names the code that a paused volume's state is of: a hash over this crate's sources, those of the
//! crate that writes files, and the versions of all dependencies. Another build reads such a state, and goes
//! on writing the same bytes, only when nothing of that has changed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// FNV-1a, 64 bits: it has to tell versions apart, not to resist anyone.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for folder in ["src", "../pdf/src"] {
        println!("cargo::rerun-if-changed={folder}");
        gather(Path::new(folder), &mut files)?;
    }
    let lock = Path::new("../../Cargo.lock");
    if lock.exists() {
        println!("cargo::rerun-if-changed={}", lock.display());
        files.push(lock.to_owned());
    }
    files.sort_unstable();
    let mut hash = OFFSET;
    for file in files {
        let name = file.to_string_lossy().into_owned().into_bytes();
        // Each ends with a byte that is in no name and no source.
        for part in [name, fs::read(&file)?] {
            for byte in part.into_iter().chain([0xff]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(PRIME);
            }
        }
    }
    println!("cargo::rustc-env=FANFOLD_BIND_CODE={hash:016x}");
    Ok(())
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => gather(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}
