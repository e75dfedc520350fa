//! Filters that pay for what they go through.
//!
//! The engine counts instructions, and a filter is one instruction however long its input is. So a sort in
//! a loop over ten thousand rows would do a hundred million steps for almost no fuel. Here each item, and
//! each byte of a string, that goes into or comes out of Jinja's own filters is charged against the fuel
//! too, in an account of its own.

use minijinja::value::{Rest, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, Value, filters};

/// What the filters of one render have gone through so far.
struct Work(u64);

/// Charges `amount` steps to the render.
///
/// # Errors
/// When all its filters together have taken more steps than the fuel that it began with.
pub(crate) fn charge(state: &mut State<'_, '_>, amount: usize) -> Result<(), Error> {
    let fuel = state
        .fuel_levels()
        .map_or(u64::MAX, |(used, left)| used.saturating_add(left));
    let work = state.get_or_insert_extension(Work(0));
    work.0 = work.0.saturating_add(amount as u64);
    if work.0 > fuel {
        return Err(Error::from(ErrorKind::OutOfFuel));
    }
    Ok(())
}

/// Items of a sequence or map, or bytes of a string.
pub(crate) fn size(value: &Value) -> usize {
    match value.kind() {
        ValueKind::String => value.as_str().map_or(0, str::len),
        ValueKind::Bytes => value.as_bytes().map_or(0, <[u8]>::len),
        _ => value.len().unwrap_or(1),
    }
}

/// A name that no template can write, for the filter that does the work.
macro_rules! hidden {
    ($name:literal) => {
        concat!("\u{1}", $name)
    };
}

macro_rules! metered {
    ($env:ident: $($name:literal => $filter:path,)*) => {
        $(
            $env.add_filter(hidden!($name), $filter);
            $env.add_filter($name, |state: &mut State<'_, '_>, args: Rest<Value>| {
                let input = args.iter().map(size).fold(1, usize::saturating_add);
                charge(state, input)?;
                let result = state.apply_filter(hidden!($name), &args)?;
                charge(state, size(&result))?;
                Ok::<_, Error>(result)
            });
        )*
    };
}

/// Puts the meter before Jinja's filters that go through their input.
pub(crate) fn add_metered(env: &mut Environment<'_>) {
    metered! { env:
        "batch" => filters::batch,
        "capitalize" => filters::capitalize,
        "dictsort" => filters::dictsort,
        "format" => filters::format,
        "groupby" => filters::groupby,
        "indent" => filters::indent,
        "items" => filters::items,
        "join" => filters::join,
        "lines" => filters::lines,
        "list" => filters::list,
        "lower" => filters::lower,
        "map" => filters::map,
        "max" => filters::max,
        "min" => filters::min,
        "reject" => filters::reject,
        "rejectattr" => filters::rejectattr,
        "replace" => filters::replace,
        "reverse" => filters::reverse,
        "select" => filters::select,
        "selectattr" => filters::selectattr,
        "slice" => filters::slice,
        "sort" => filters::sort,
        "split" => filters::split,
        "title" => filters::title,
        "tojson" => filters::tojson,
        "trim" => filters::trim,
        "unique" => filters::unique,
        "upper" => filters::upper,
    }
}
