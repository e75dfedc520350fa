//! Media types and download names.

use crate::key::Key;
use crate::ports::PutOptions;

/// The media type that the options ask for, else the one of the key's extension.
#[must_use]
pub fn of<'a>(key: &Key, options: &'a PutOptions) -> &'a str {
    options
        .content_type
        .as_deref()
        .unwrap_or_else(|| by_extension(key.file_name()))
}

/// The media type of a file name's extension.
#[must_use]
pub fn by_extension(file_name: &str) -> &'static str {
    let extension = file_name
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "pdf" => "application/pdf",
        "json" => "application/json",
        "jsonl" => "application/jsonl",
        "csv" => "text/csv",
        "html" => "text/html; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A `Content-Disposition` that saves under `name`, in any script (RFC 6266 §4.3, RFC 8187).
#[must_use]
pub fn attachment(name: &str) -> String {
    let mut encoded = String::from("attachment; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn download_names_cannot_leave_their_header() {
        assert_eq!(
            attachment("a\"\r\nX: ख.pdf"),
            "attachment; filename*=UTF-8''a%22%0D%0AX%3A%20%E0%A4%96.pdf"
        );
        assert_eq!(by_extension("A.PDF"), "application/pdf");
        assert_eq!(by_extension("none"), "application/octet-stream");
    }
}
