//! `fanfold merge`: PDFs on disk become one, or several volumes.

use std::fs;
use std::path::{Path, PathBuf};

use fanfold_bind::{
    BindOptions, Binder, DocumentInfo, FormMode, Input, Limits, OutlineMode, Permissions,
    Protection, Recompress, Stamp, StampPlace, count_pages,
};

use crate::arguments::{Forbidden, FormChoice, Merge, OutlineChoice, StampChoice};
use crate::failure::Failure;
use crate::output::Output;

/// Merges the files, in order, reading one at a time.
pub(crate) fn run(arguments: &Merge) -> Result<(), Failure> {
    let splits = arguments.split_pages.is_some() || arguments.split_bytes.is_some();
    if splits && arguments.output == Path::new("-") {
        return Err(Failure::new("several volumes cannot go to standard output")
            .advise("name a file with -o, or leave the --split options out"));
    }
    let options = options(arguments)?;
    let mut volumes = Volumes {
        arguments,
        options,
        open: None,
        done: Vec::new(),
    };
    for path in &arguments.inputs {
        volumes.add(path, splits)?;
    }
    volumes.close()?;
    // They appear together, when all are whole.
    for output in volumes.done {
        output.finish()?;
    }
    Ok(())
}

/// The volume being written, and those that are.
struct Volumes<'a> {
    arguments: &'a Merge,
    options: BindOptions,
    open: Option<(PathBuf, Binder<Output>)>,
    done: Vec<Output>,
}

impl Volumes<'_> {
    fn add(&mut self, path: &Path, splits: bool) -> Result<(), Failure> {
        let bytes = fs::read(path).map_err(|error| Failure::file(path, &error))?;
        let name = path.display().to_string();
        let title = title_of(path);
        let input = Input {
            name: &name,
            title: Some(&title),
            bytes: &bytes,
        };
        if splits && self.is_full(input)? {
            self.close()?;
        }
        let (_, binder) = match &mut self.open {
            Some(open) => open,
            None => {
                let open = self.start(splits)?;
                self.open.insert(open)
            }
        };
        // The error names the input itself.
        binder.add(input).map_err(Failure::new)?;
        Ok(())
    }

    /// Whether an input would make the open volume too large. Its bytes are counted as they are: equal
    /// fonts and pictures make it smaller.
    fn is_full(&self, input: Input<'_>) -> Result<bool, Failure> {
        let Some((_, binder)) = self.open.as_ref().filter(|(_, binder)| binder.pages() > 0) else {
            return Ok(false);
        };
        let bytes = binder.bytes() + input.bytes.len() as u64;
        if self.arguments.split_bytes.is_some_and(|most| bytes > most) {
            return Ok(true);
        }
        let Some(most) = self.arguments.split_pages else {
            return Ok(false);
        };
        let pages = count_pages(input, &Limits::default()).map_err(Failure::new)?;
        Ok(binder.pages() + pages > most.get())
    }

    fn start(&self, splits: bool) -> Result<(PathBuf, Binder<Output>), Failure> {
        let path = if splits {
            numbered(&self.arguments.output, self.done.len() + 1)
        } else {
            self.arguments.output.clone()
        };
        let output = Output::open(&path)?;
        let failed = |error| Failure::new(error).at(path.display());
        let mut binder = Binder::new(output, self.options.clone()).map_err(failed)?;
        if let Some(cover) = &self.arguments.cover {
            let bytes = fs::read(cover).map_err(|error| Failure::file(cover, &error))?;
            let name = cover.display().to_string();
            let input = Input {
                name: &name,
                title: None,
                bytes: &bytes,
            };
            binder.add_cover(input).map_err(Failure::new)?;
        }
        Ok((path, binder))
    }

    fn close(&mut self) -> Result<(), Failure> {
        let Some((path, binder)) = self.open.take() else {
            return Ok(());
        };
        let failed = |error| Failure::new(error).at(path.display());
        let (output, summary) = binder.finish_into().map_err(failed)?;
        for warning in &summary.warnings {
            eprintln!("warning: {}: {}", warning.input, warning.message);
        }
        if summary.more_warnings > 0 {
            eprintln!("warning: and {} more", summary.more_warnings);
        }
        self.done.push(output);
        Ok(())
    }
}

fn options(arguments: &Merge) -> Result<BindOptions, Failure> {
    Ok(BindOptions {
        outline: match arguments.outline {
            OutlineChoice::Documents => OutlineMode::Documents,
            OutlineChoice::Inputs => OutlineMode::Inputs,
            OutlineChoice::None => OutlineMode::None,
        },
        info: DocumentInfo {
            title: arguments.title.clone(),
            ..DocumentInfo::default()
        },
        stamp: arguments.stamp.as_ref().map(|text| Stamp {
            text: text.clone(),
            place: match arguments.stamp_place {
                StampChoice::TopLeft => StampPlace::TopLeft,
                StampChoice::Top => StampPlace::Top,
                StampChoice::TopRight => StampPlace::TopRight,
                StampChoice::BottomLeft => StampPlace::BottomLeft,
                StampChoice::Bottom => StampPlace::Bottom,
                StampChoice::BottomRight => StampPlace::BottomRight,
            },
            ..Stamp::default()
        }),
        contents: arguments.contents.clone(),
        separators: arguments.separators,
        right_hand: arguments.right_hand,
        recompress: match arguments.recompress {
            true => Recompress::All,
            false => Recompress::of_inputs(arguments.inputs.len()),
        },
        forms: match arguments.forms {
            FormChoice::Keep => FormMode::Keep,
            FormChoice::Join => FormMode::Join,
            FormChoice::Flatten => FormMode::Flatten,
        },
        protection: match &arguments.passwords {
            Some(path) => Some(protection(path, &arguments.forbid)?),
            None => None,
        },
        ..BindOptions::default()
    })
}

/// Passwords are in a file: arguments can be seen by other users of the machine.
fn protection(path: &Path, forbidden: &[Forbidden]) -> Result<Protection, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    let mut lines = text.lines();
    let user_password = lines.next().unwrap_or_default().to_owned();
    let owner_password = lines.next().unwrap_or_default().to_owned();
    if user_password.is_empty() && owner_password.is_empty() {
        return Err(Failure::new("there is no password in it")
            .at(path.display())
            .advise(
                "write the password on the first line, or one for restrictions on the second",
            ));
    }
    if !forbidden.is_empty() && (owner_password.is_empty() || owner_password == user_password) {
        return Err(Failure::new("it has no password for restrictions")
            .at(path.display())
            .advise(
                "who opens the volume with the owner's password may do everything; write one that is \
                 not the user's on the second line",
            ));
    }
    let allows = |what| !forbidden.contains(&what);
    Ok(Protection {
        user_password,
        owner_password,
        permissions: Permissions {
            print: allows(Forbidden::Print),
            modify: allows(Forbidden::Modify),
            copy: allows(Forbidden::Copy),
            annotate: allows(Forbidden::Annotate),
        },
        seed: Vec::new(),
    })
}

/// `all.pdf` → `all-2.pdf`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = match path.extension() {
        Some(extension) => format!("{stem}-{number}.{}", extension.to_string_lossy()),
        None => format!("{stem}-{number}"),
    };
    path.with_file_name(name)
}

/// An input's outline entry: its file name without `.pdf`.
fn title_of(path: &Path) -> String {
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let stem = name
        .strip_suffix(".pdf")
        .or_else(|| name.strip_suffix(".PDF"));
    stem.unwrap_or(&name).to_owned()
}
