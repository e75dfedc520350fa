//! The filters and functions of templates, bound to one locale.

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use minijinja::value::{Kwargs, Rest};
use minijinja::{Environment, Error, ErrorKind, HtmlEscape, State, Value};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::amortise::schedule;
use crate::decimal::{bad, from_value, overflow, to_value};
use crate::locale::{DateStyle, Locale};
use crate::meter::{charge, size};
use crate::translations;
use crate::words::{self, System};

/// Decimals a filter writes at most.
const MAX_DECIMALS: u32 = 12;

/// Adds everything that depends on the locale and its translations (nearest language first).
pub(crate) fn add_locale(
    env: &mut Environment<'_>,
    locale: &Arc<Locale>,
    texts: Arc<Vec<serde_json::Value>>,
) {
    let here = Arc::clone(locale);
    env.add_filter("money", move |value: Value, code: &str| {
        Ok::<_, Error>(here.money(from_value(&value)?, currency(code)?))
    });
    let here = Arc::clone(locale);
    env.add_filter("number", move |value: Value, decimals: Option<u32>| {
        let decimals = decimals_of(decimals)?;
        Ok::<_, Error>(here.number(
            from_value(&value)?,
            decimals.unwrap_or(0),
            decimals.unwrap_or(MAX_DECIMALS),
        ))
    });
    let here = Arc::clone(locale);
    env.add_filter("percent", move |value: Value, decimals: Option<u32>| {
        let decimals = decimals_of(decimals)?;
        Ok::<_, Error>(here.percent(
            from_value(&value)?,
            decimals.unwrap_or(0),
            decimals.unwrap_or(MAX_DECIMALS),
        ))
    });
    let here = Arc::clone(locale);
    env.add_filter("date", move |value: Value, style: Option<&str>| {
        let name = style.unwrap_or("long");
        let style = DateStyle::parse(name).ok_or_else(|| {
            bad(format!(
                "there is no date style {name:?}: use {}",
                DateStyle::NAMES
            ))
        })?;
        Ok::<_, Error>(here.date(date(&value)?, style))
    });
    let here = Arc::clone(locale);
    env.add_filter(
        "words",
        move |value: Value, code: Option<&str>, options: Kwargs| {
            let system = match options.get::<Option<&str>>("system")? {
                None => None,
                Some("indian") => Some(System::Indian),
                Some("international") => Some(System::International),
                Some(name) => {
                    return Err(bad(format!(
                        "there is no system {name:?}: use indian or international"
                    )));
                }
            };
            options.assert_all_used()?;
            words::amount(
                &here,
                from_value(&value)?,
                code.map(currency).transpose()?,
                system,
            )
            .ok_or_else(|| {
                bad(format!(
                    "{value} has no words: it must be 0 to 999,999,999,999,999"
                ))
            })
        },
    );
    let here = Arc::clone(locale);
    env.add_filter(
        "plural",
        move |value: Value, forms: Rest<Value>, named: Kwargs| {
            let category = here.plural(from_value(&value)?).as_str();
            let form = match forms.as_slice() {
                [] => named
                    .get::<Option<Value>>(category)?
                    .or(named.get::<Option<Value>>("other")?),
                [one, other] => Some(if category == "one" {
                    one.clone()
                } else {
                    other.clone()
                }),
                _ => None,
            };
            form.ok_or_else(|| {
                bad(
                    r#"plural needs two forms, or named ones: plural(one="day", other="days")"#
                        .to_owned(),
                )
            })
        },
    );
    let here = Arc::clone(locale);
    env.add_function("t", move |key: &str, named: Kwargs| {
        translate(&here, &texts, key, &named)
    });
}

/// Adds what does not depend on the locale.
pub(crate) fn add_arithmetic(env: &mut Environment<'_>) {
    env.add_filter(
        "sum",
        |state: &mut State<'_, '_>, values: Value, named: Kwargs| {
            charge(state, size(&values))?;
            let mut total = Decimal::ZERO;
            for amount in amounts(&values, &named)? {
                total = total.checked_add(amount).ok_or_else(overflow)?;
            }
            Ok::<_, Error>(to_value(total))
        },
    );
    env.add_filter(
        "cumulative",
        |state: &mut State<'_, '_>, values: Value, named: Kwargs| {
            charge(state, size(&values))?;
            let mut total = Decimal::ZERO;
            let mut totals = Vec::new();
            for amount in amounts(&values, &named)? {
                total = total.checked_add(amount).ok_or_else(overflow)?;
                totals.push(to_value(total));
            }
            Ok::<_, Error>(Value::from(totals))
        },
    );
    env.add_filter("css", |value: Value| {
        Value::from_safe_string(css_string(&value.to_string()))
    });
    operation(env, "add", Decimal::checked_add);
    operation(env, "sub", Decimal::checked_sub);
    operation(env, "mul", Decimal::checked_mul);
    env.add_filter("div", |a: Value, b: Value| {
        let divisor = from_value(&b)?;
        if divisor.is_zero() {
            return Err(bad("div: division by zero".to_owned()));
        }
        from_value(&a)?
            .checked_div(divisor)
            .map(to_value)
            .ok_or_else(overflow)
    });
    env.add_filter("round", |value: Value, decimals: Option<u32>| {
        let decimals = decimals_of(decimals)?.unwrap_or(0);
        let rounded = from_value(&value)?
            .round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
        Ok::<_, Error>(to_value(rounded))
    });
    env.add_filter("add_days", |value: Value, days: i32| {
        let date = date(&value)?.checked_add(i64::from(days).days());
        date.map(|date| date.to_string())
            .map_err(|_| bad("add_days: the date is out of range".to_owned()))
    });
    env.add_filter("add_months", |value: Value, months: i32| {
        // Months added to the last day of a longer month end on the last day of the shorter one.
        let date = date(&value)?.checked_add(i64::from(months).clamp(-200_000, 200_000).months());
        date.map(|date| date.to_string())
            .map_err(|_| bad("add_months: the date is out of range".to_owned()))
    });
    env.add_function(
        "amortise",
        |state: &mut State<'_, '_>,
         principal: Value,
         annual_rate: Value,
         term: Rest<Value>,
         options: Kwargs| {
            let [months, start_date] = term.as_slice() else {
                return Err(bad(
                    "amortise takes a principal, an annual rate, the months and a start date"
                        .to_owned(),
                ));
            };
            let scale = options.get::<Option<u32>>("scale")?.unwrap_or(2);
            options.assert_all_used()?;
            let months = from_value(months)?;
            let months = u32::try_from(months)
                .ok()
                .filter(|&n| Decimal::from(n) == months);
            let months = months
                .ok_or_else(|| bad("amortise: the months must be a whole number".to_owned()))?;
            charge(state, months as usize)?;
            let loan = schedule(
                from_value(&principal)?,
                from_value(&annual_rate)?,
                months,
                date(start_date)?,
                scale,
            )?;
            Ok::<_, Error>(Value::from_object(loan))
        },
    );
}

fn operation(
    env: &mut Environment<'_>,
    name: &'static str,
    apply: fn(Decimal, Decimal) -> Option<Decimal>,
) {
    env.add_filter(name, move |a: Value, b: Value| {
        apply(from_value(&a)?, from_value(&b)?)
            .map(to_value)
            .ok_or_else(overflow)
    });
}

/// A quoted CSS string (CSS Syntax 3 §4.3.5) that can also stand in a `<style>` element: whatever could end
/// the string or the element is written as an escape.
fn css_string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        if c.is_control() || matches!(c, '"' | '\\' | '<' | '>' | '&') {
            quoted.push_str(&format!("\\{:x} ", u32::from(c)));
        } else {
            quoted.push(c);
        }
    }
    quoted.push('"');
    quoted
}

fn decimals_of(decimals: Option<u32>) -> Result<Option<u32>, Error> {
    match decimals {
        Some(n) if n > MAX_DECIMALS => Err(bad(format!(
            "at most {MAX_DECIMALS} decimals can be written, not {n}"
        ))),
        other => Ok(other),
    }
}

fn currency(code: &str) -> Result<&str, Error> {
    if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
        return Ok(code);
    }
    let shown: String = code.chars().take(12).collect();
    Err(bad(format!(
        "{shown:?} is not a currency: use the ISO 4217 code, such as \"INR\""
    )))
}

/// Reads an ISO 8601 date; a time after it is left out.
fn date(value: &Value) -> Result<Date, Error> {
    let text = value.as_str().unwrap_or_default().trim();
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    let wrong = || {
        let shown: String = value.to_string().chars().take(40).collect();
        bad(format!(
            "{shown:?} is not a date: write it as \"2026-01-31\""
        ))
    };
    if day.len() != 10 {
        return Err(wrong());
    }
    day.parse().map_err(|_| wrong())
}

/// The items of a sequence as decimals, or one attribute of each (`attribute="amount"`).
fn amounts(values: &Value, named: &Kwargs) -> Result<Vec<Decimal>, Error> {
    let attribute = named.get::<Option<&str>>("attribute")?;
    named.assert_all_used()?;
    values
        .try_iter()?
        .map(|item| match attribute {
            None => from_value(&item),
            Some(name) => {
                let value = item.get_attr(name)?;
                if value.is_undefined() {
                    return Err(Error::new(
                        ErrorKind::UndefinedError,
                        format!("an item has no {name:?}"),
                    ));
                }
                from_value(&value)
            }
        })
        .collect()
}

/// `t("key", name=value, count=n)`: a text of `locales/`, which is HTML, with `{name}` replaced by the escaped
/// value. With `count` the text has one form per plural category. Arrays and tables are given as they are.
fn translate(
    locale: &Locale,
    texts: &[serde_json::Value],
    key: &str,
    named: &Kwargs,
) -> Result<Value, Error> {
    let found = texts
        .iter()
        .find_map(|texts| translations::lookup(texts, key))
        .ok_or_else(|| {
            bad(format!(
                "there is no text {key:?} for {:?}: add it to locales/{}.toml",
                locale.tag(),
                locale.lang()
            ))
        })?;
    let form = match (found, named.get::<Option<Value>>("count")?) {
        (serde_json::Value::Object(forms), Some(count)) => {
            let category = locale.plural(from_value(&count)?).as_str();
            forms
                .get(category)
                .or_else(|| forms.get("other"))
                .ok_or_else(|| {
                    bad(format!(
                        "the text {key:?} has no plural form {category:?} for {:?}",
                        locale.tag()
                    ))
                })?
        }
        (text, _) => text,
    };
    safe(form, named)
}

fn safe(text: &serde_json::Value, named: &Kwargs) -> Result<Value, Error> {
    Ok(match text {
        serde_json::Value::String(text) => Value::from_safe_string(fill(text, named)?),
        serde_json::Value::Array(items) => Value::from(
            items
                .iter()
                .map(|item| safe(item, named))
                .collect::<Result<Vec<_>, _>>()?,
        ),
        serde_json::Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(key, field)| Ok((key.as_str(), safe(field, named)?)))
                .collect::<Result<Vec<_>, Error>>()?;
            Value::from_pairs(fields)
        }
        other => Value::from(minijinja::value::Serde(other)),
    })
}

/// Replaces `{name}` by its argument; a brace that encloses no plain name stays as it is.
fn fill(text: &str, named: &Kwargs) -> Result<String, Error> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let name = after.split_once('}').filter(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        });
        let Some((name, tail)) = name else {
            filled.push('{');
            rest = after;
            continue;
        };
        let value = named.get::<Option<Value>>(name)?;
        let value =
            value.ok_or_else(|| bad(format!("the text has {{{name}}}: pass {name}=… to t()")))?;
        if value.is_safe() {
            filled.push_str(&value.to_string());
        } else {
            filled.push_str(&HtmlEscape(&value.to_string()).to_string());
        }
        rest = tail;
    }
    filled.push_str(rest);
    Ok(filled)
}
