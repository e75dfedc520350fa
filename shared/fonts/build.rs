//! Compresses the font files beside this file, for `src/embedded.rs` to embed.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::{env, fs};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    println!("cargo::rerun-if-changed=build.rs");
    for folder in ["caladea", "carlito", "dejavu", "liberation", "noto"] {
        println!("cargo::rerun-if-changed={folder}");
        fs::create_dir_all(out.join(folder))?;
        for entry in fs::read_dir(root.join(folder))? {
            let path = entry?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            if name.ends_with(".ttf") {
                let packed = fs::File::create(out.join(folder).join(format!("{name}.z")))?;
                let mut packer =
                    flate2::write::ZlibEncoder::new(packed, flate2::Compression::best());
                packer.write_all(&fs::read(&path)?)?;
                packer.finish()?;
            }
        }
    }
    Ok(())
}
