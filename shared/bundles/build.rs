//! Lists the bundle folders beside this file, so that the crate embeds every file of each.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let (mut list, mut all) = (String::from("&[\n"), Vec::new());
    for name in names(&root)? {
        let folder = root.join(&name);
        if !folder.join("template.html").is_file() {
            continue;
        }
        println!("cargo::rerun-if-changed={name}");
        let mut files = Vec::new();
        collect(&folder, "", &mut files)?;
        write(&mut list, &name, &files);
        all.push(name);
    }
    list.push_str("]\n");
    println!("cargo::rerun-if-changed=build.rs");
    fs::write(out.join("bundles.rs"), list)?;
    fs::write(out.join("names.rs"), format!("&{all:?}"))
}

fn write(list: &mut String, name: &str, files: &[String]) {
    // Writing to a String cannot fail.
    let _ = writeln!(list, "    Starter {{ name: {name:?}, files: &[");
    for path in files {
        let at = format!("/{name}/{path}");
        let _ = writeln!(
            list,
            "        ({path:?}, include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {at:?}))),"
        );
    }
    list.push_str("    ] },\n");
}

/// The visible entries of a folder, sorted: the order of the file system must not reach the program.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        if let Ok(name) = entry?.file_name().into_string()
            && !name.starts_with('.')
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<String>) -> io::Result<()> {
    for name in names(folder)? {
        let path = folder.join(&name);
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), files)?;
        } else {
            files.push(format!("{prefix}{name}"));
        }
    }
    Ok(())
}
