//! An error with what caused it.

use std::error::Error;

/// The error's message and those of its causes, the outermost first. Services wrap what a person needs
/// to know (a full disk, a refused permission) several layers deep.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let what = error.to_string();
        // Some messages hold those of their causes already.
        if !what.is_empty() && !text.contains(&what) {
            text.push_str(": ");
            text.push_str(&what);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use fanfold_cloud::CloudError;

    use super::*;

    #[test]
    fn causes_are_said_once_each() {
        let full = || std::io::Error::other("No space left on device");
        let error = CloudError::other("writing parts/a.pdf", full());
        let text = with_causes(&error);
        assert!(text.starts_with("writing parts/a.pdf"), "{text}");
        assert_eq!(text.matches("No space left on device").count(), 1);
        assert_eq!(with_causes(&full()), "No space left on device");
    }
}
