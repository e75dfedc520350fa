//! What one render may cost.

/// Limits of one render; going over one is an error of kind [`crate::ErrorKind::Limit`] that names it.
///
/// ```
/// let limits = fanfold_template::Limits { output_bytes: 1 << 20, ..Default::default() };
/// assert_eq!(limits.fuel, 50_000_000);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Steps: template instructions (a loop's pass costs what its body costs), and as many again for the
    /// items and bytes that filters go through. Default 50,000,000, some seconds.
    pub fuel: u64,
    /// Bytes of HTML. Default 32 MiB.
    pub output_bytes: usize,
    /// Nesting of the data. Default 64.
    pub data_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 50_000_000,
            output_bytes: 32 << 20,
            data_depth: 64,
        }
    }
}

/// Depth of includes, macro calls and recursive loops; fixed when a template is compiled, since it guards
/// the stack of whatever thread renders. An include or macro call costs several levels.
pub(crate) const RECURSION: usize = 160;

/// Bytes of one template's source.
pub(crate) const TEMPLATE_BYTES: usize = 1 << 20;
