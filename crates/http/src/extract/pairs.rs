//! Names and texts read as a struct: query strings, forms, headers.

use std::borrow::Cow;

use serde_json::Value;

use super::Input;
use super::faults::{garde_faults, serde_fault};
use super::text::Parameters;
use crate::problem::{Fault, Place};

/// Reads pairs with help of their schema.
///
/// `place` makes a place of a name. `others` are names that are known and read elsewhere; a client that uses an unknown
/// one is told about them too.
///
/// # Errors
///
/// Everything that is wrong; names that are given twice are reported first and alone.
pub(crate) fn read<'a, T: Input>(
    parameters: &Parameters,
    pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
    place: fn(String) -> Place,
    others: &[&str],
) -> Result<T, Vec<Fault>> {
    let value = parameters.value(pairs).map_err(|names| {
        let fault = |name| Fault::new(place(name), "duplicate", "is given more than once");
        names.into_iter().map(fault).collect::<Vec<_>>()
    })?;
    let mut faults = schema_faults(parameters, &value, place, others);
    match serde_path_to_error::deserialize::<_, T>(&value) {
        Ok(typed) => {
            if let Err(report) = typed.validate() {
                let place = |pointer: String| place(parameters.parameter_of(&pointer));
                let found = garde_faults(parameters.schema().as_value(), &report, place);
                let known: Vec<Place> = faults.iter().map(|it| it.place().clone()).collect();
                faults.extend(found.into_iter().filter(|it| !known.contains(it.place())));
            }
            if faults.is_empty() {
                return Ok(typed);
            }
        }
        // what the schema has found says it better
        Err(_) if !faults.is_empty() => {}
        Err(error) => {
            let (pointer, message) = serde_fault(&error);
            faults.push(Fault::new(
                place(parameters.parameter_of(&pointer)),
                "invalid",
                message,
            ));
        }
    }
    Err(faults)
}

fn schema_faults(
    parameters: &Parameters,
    value: &Value,
    place: fn(String) -> Place,
    others: &[&str],
) -> Vec<Fault> {
    atlas_schema::violations(parameters.schema(), value)
        .into_iter()
        .map(|it| {
            let name = parameters.parameter_of(&it.pointer);
            let message = match it.code {
                "unknown" => {
                    let listed = parameters.listed();
                    let listed = listed.iter().map(String::as_str);
                    unknown(&name, listed.chain(others.iter().copied()))
                }
                _ => it.to_string(),
            };
            Fault::new(place(name), it.code, message)
        })
        .collect()
}

/// What to say about an unknown name: the one that was probably meant, and all that there are.
fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    if known.is_empty() {
        return "there are no parameters here".to_owned();
    }
    let listed: Vec<String> = known.iter().map(|it| format!("`{it}`")).collect();
    let listed = listed.join(", ");
    match atlas_schema::closest(name, known.iter().copied()) {
        Some(meant) => format!("unknown parameter; did you mean `{meant}`? there are {listed}"),
        None => format!("unknown parameter; there are {listed}"),
    }
}
