//! What a volume has besides its documents' pages: an entry of `merge`, its other fields.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::draft::{check_key, kind};
use crate::Limits;

/// The fields' names.
pub(super) const FIELDS: &str = "stamp, stamp_place, contents, cover, separators, right_hand, forms, recompress, passwords, forbid";

/// Bytes of a stamp, and of the heading of a contents page.
const TEXT_BYTES: usize = 1_024;
/// Bytes of a password (ISO 32000-2 §7.6.4.3.3).
const PASSWORD_BYTES: usize = 127;

/// What a volume has besides its documents' pages, and who may open it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Dressing {
    /// A line of text over each page, in which `{page}`, `{pages}` and `{title}` stand for the page's
    /// number, how many there are, and the document's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stamp: Option<String>,
    /// Where it stands; at the bottom, in the middle.
    #[serde(skip_serializing_if = "is_default")]
    pub stamp_place: StampPlace,
    /// The heading of a contents page in front, with a link to each document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contents: Option<String>,
    /// The key of a PDF that stands in front of everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cover: Option<String>,
    /// Whether a page with its id comes before each document.
    #[serde(skip_serializing_if = "is_default")]
    pub separators: bool,
    /// Whether each document starts on a right-hand page, behind a blank one where needed.
    #[serde(skip_serializing_if = "is_default")]
    pub right_hand: bool,
    /// What becomes of the documents' form fields.
    #[serde(skip_serializing_if = "is_default")]
    pub forms: Forms,
    /// Whether what is compressed already is compressed anew, as small as zlib can.
    #[serde(skip_serializing_if = "is_default")]
    pub recompress: bool,
    /// Encrypts the volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passwords: Option<Passwords>,
    /// What readers are asked not to let those do who have the user's password.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forbid: Vec<Forbidden>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Where a stamp stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum StampPlace {
    TopLeft,
    Top,
    TopRight,
    BottomLeft,
    #[default]
    Bottom,
    BottomRight,
}

/// What becomes of form fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forms {
    /// All stay, each document's apart from those of the others.
    #[default]
    Keep,
    /// Those of one name and kind become one field.
    Join,
    /// What they show becomes content of the pages.
    Flatten,
}

/// What encryption can forbid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forbidden {
    /// Printing.
    Print,
    /// Changing contents and putting pages together.
    Modify,
    /// Copying text and pictures.
    Copy,
    /// Adding notes and filling in forms.
    Annotate,
}

/// Passwords of a volume; one of them may be empty.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Passwords {
    /// Opens it; everyone can when it is empty.
    pub user: String,
    /// Opens it without restrictions.
    pub owner: String,
}

/// Passwords are not for logs.
impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").finish_non_exhaustive()
    }
}

impl Dressing {
    /// Takes a field of a merge entry; none when it is not one of these, and an error that says what it
    /// should be.
    pub(super) fn take(
        &mut self,
        name: &str,
        value: &Value,
        limits: &Limits,
    ) -> Option<Result<(), String>> {
        let taken = match name {
            "stamp" => text(value).map(|text| self.stamp = Some(text)),
            "contents" => text(value).map(|text| self.contents = Some(text)),
            "cover" => key(value, limits).map(|key| self.cover = Some(key)),
            "separators" => flag(value).map(|flag| self.separators = flag),
            "right_hand" => flag(value).map(|flag| self.right_hand = flag),
            "recompress" => flag(value).map(|flag| self.recompress = flag),
            "stamp_place" => chosen(
                value,
                "stamp_place is \"top_left\", \"top\", \"top_right\", \"bottom_left\", \"bottom\" or \"bottom_right\"",
            )
            .map(|place| self.stamp_place = place),
            "forms" => chosen(value, "forms is \"keep\", \"join\" or \"flatten\"")
                .map(|forms| self.forms = forms),
            "forbid" => chosen(
                value,
                "forbid is a list of \"print\", \"modify\", \"copy\" and \"annotate\"",
            )
            .map(|forbid| self.forbid = forbid),
            "passwords" => passwords(value).map(|passwords| self.passwords = Some(passwords)),
            _ => return None,
        };
        Some(taken)
    }

    /// What is said without what it belongs to: the field and what it needs.
    pub(super) fn incomplete(members: &Map<String, Value>) -> Vec<(&'static str, &'static str)> {
        let mut faults = Vec::new();
        if members.contains_key("stamp_place") && !members.contains_key("stamp") {
            faults.push(("stamp_place", "there is no stamp to place; give \"stamp\""));
        }
        if members.contains_key("forbid") && !members.contains_key("passwords") {
            let what =
                "only an encrypted volume forbids anything; give \"passwords\": {\"owner\": …}";
            faults.push(("forbid", what));
        }
        let password = |name: &str| {
            let text = members.get("passwords")?.get(name)?.as_str()?;
            (!text.is_empty()).then_some(text)
        };
        let forbids = members.get("forbid").and_then(Value::as_array);
        let guarded = password("owner").is_some_and(|owner| password("user") != Some(owner));
        if forbids.is_some_and(|forbids| !forbids.is_empty())
            && (password("owner").is_some() || password("user").is_some())
            && !guarded
        {
            let what = "who opens a volume with the owner's password may do everything; give one that is \
                        not the user's";
            faults.push(("passwords", what));
        }
        faults
    }
}

fn text(value: &Value) -> Result<String, String> {
    match value.as_str() {
        Some(text) if (1..=TEXT_BYTES).contains(&text.len()) => Ok(text.to_owned()),
        Some(text) => Err(format!("{} bytes; write 1 to {TEXT_BYTES}", text.len())),
        None => Err(format!("is {}; write a text", kind(value))),
    }
}

fn flag(value: &Value) -> Result<bool, String> {
    let flag = value.as_bool();
    flag.ok_or_else(|| format!("is {}; write true or false", kind(value)))
}

fn key(value: &Value, limits: &Limits) -> Result<String, String> {
    let Some(key) = value.as_str() else {
        return Err(format!("is {}; write the key of a PDF", kind(value)));
    };
    check_key(key)?;
    match limits.may_read(key) {
        true => Ok(key.to_owned()),
        false => Err(limits.unreadable()),
    }
}

fn chosen<'a, T: Deserialize<'a>>(value: &'a Value, what: &str) -> Result<T, String> {
    T::deserialize(value).map_err(|_| what.to_owned())
}

fn passwords(value: &Value) -> Result<Passwords, String> {
    let what = "passwords is an object with user, owner, or both, as texts";
    let passwords: Passwords = chosen(value, what)?;
    let lengths = [passwords.user.len(), passwords.owner.len()];
    if lengths == [0, 0] {
        return Err("there is no password in it; give user, owner, or both".into());
    }
    match lengths.iter().all(|length| *length <= PASSWORD_BYTES) {
        true => Ok(passwords),
        false => Err(format!("a password is at most {PASSWORD_BYTES} bytes")),
    }
}
