//! What is promised of the font files.

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn the_files_are_fonts_within_the_limit_and_listed_once() {
    let faces = fanfold_fonts::faces();
    let files: BTreeSet<&str> = faces.iter().map(|face| face.file).collect();
    assert_eq!(files.len(), faces.len());
    let bytes: usize = faces.iter().map(|face| face.data().len()).sum();
    assert!(bytes < 12_000_000, "{bytes} bytes");
    assert!(
        faces
            .iter()
            .all(|face| face.data().starts_with(&[0, 1, 0, 0])),
        "TrueType outlines"
    );
}

#[test]
fn every_file_is_embedded_and_every_folder_has_its_licence() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for face in fanfold_fonts::faces() {
        let folder = root.join(face.file).parent().expect("a folder").to_owned();
        let licence = std::fs::read_to_string(folder.join("LICENSE")).expect("a licence");
        assert!(
            licence.contains("OPEN FONT LICENSE")
                || licence.contains("Permission is hereby granted")
        );
        for entry in folder.read_dir().expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "ttf") {
                let file = path
                    .strip_prefix(root)
                    .expect("inside")
                    .to_string_lossy()
                    .into_owned();
                assert!(
                    fanfold_fonts::faces().iter().any(|face| face.file == file),
                    "{file}"
                );
            }
        }
    }
}

#[test]
fn a_language_has_the_script_that_the_generic_families_lack() {
    use fanfold_fonts::script_of;
    assert_eq!(script_of("ar"), Some(*b"Arab"));
    assert_eq!(script_of("ur-PK"), Some(*b"Arab"));
    assert_eq!(script_of("HI"), Some(*b"Deva"));
    assert_eq!(script_of("pa-deva-IN"), Some(*b"Deva"));
    for language in ["en", "he", "ar-Latn", "zh-Hant", "x", ""] {
        assert_eq!(script_of(language), None, "{language:?}");
    }
}

#[test]
fn the_oracles_know_every_name_and_fallback() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let configuration = root.join("../../tests/bench/fonts.conf");
    let configuration = std::fs::read_to_string(configuration).expect("fontconfig's file");
    for (name, families) in fanfold_fonts::aliases() {
        let family = format!("<family>{name}</family>");
        let line = configuration.lines().find(|line| line.contains(&family));
        let line = line.unwrap_or_else(|| panic!("{name} is missing"));
        assert!(
            families.iter().all(|family| line.contains(family)),
            "{line}"
        );
    }
    for (_, families) in fanfold_fonts::fallbacks() {
        for family in *families {
            assert!(configuration.contains(&format!("<string>{family}</string>")));
        }
    }
}
