//! Reads a JSON body as Discord does: every invalid field is recorded under its path, and the whole body is
//! refused as `50035 Invalid Form Body`. For the REST side of the sandbox.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use super::refused::Refused;
use super::world::Id;

/// The path, the rule, and the message.
type Fault = (Vec<String>, &'static str, String);
type Faults = RefCell<Vec<Fault>>;

/// A value in the body, with its path.
pub(crate) struct Form<'v> {
    value: &'v Value,
    path: Vec<String>,
    faults: &'v Faults,
}

/// Reads `value` with `read`; if any rule was broken, returns all errors.
pub(crate) fn read<T>(value: &Value, read: impl FnOnce(&Form<'_>) -> T) -> Result<T, Refused> {
    let faults = Faults::default();
    let form = Form { value, path: Vec::new(), faults: &faults };
    form.object();
    let result = read(&form);
    drop(form);
    let faults = faults.into_inner();
    if faults.is_empty() { Ok(result) } else { Err(refusal(faults)) }
}

/// The errors as a tree of fields.
#[derive(Default)]
struct Fields {
    faults: Vec<Value>,
    inner: BTreeMap<String, Fields>,
}

impl From<Fields> for Value {
    fn from(fields: Fields) -> Self {
        let mut tree: Map<String, Self> =
            fields.inner.into_iter().map(|(key, inner)| (key, inner.into())).collect();
        if !fields.faults.is_empty() {
            tree.insert("_errors".to_owned(), Self::Array(fields.faults));
        }
        Self::Object(tree)
    }
}

fn refusal(faults: Vec<Fault>) -> Refused {
    let mut root = Fields::default();
    for (path, code, message) in faults {
        let at = path.into_iter().fold(&mut root, |at, key| at.inner.entry(key).or_default());
        at.faults.push(json!({ "code": code, "message": message }));
    }
    Refused { errors: Some(root.into()), ..Refused::fixed(400, 50035, "Invalid Form Body") }
}

impl<'v> Form<'v> {
    pub(crate) fn value(&self) -> &'v Value {
        self.value
    }

    /// Records that this field breaks a rule.
    pub(crate) fn fault(&self, code: &'static str, message: impl Into<String>) {
        self.faults.borrow_mut().push((self.path.clone(), code, message.into()));
    }

    fn at(&self, key: &str, value: &'v Value) -> Form<'v> {
        let path = self.path.iter().cloned().chain([key.to_owned()]).collect();
        Form { value, path, faults: self.faults }
    }

    /// A field that is present, including `null`.
    pub(crate) fn given(&self, key: &str) -> Option<Form<'v>> {
        Some(self.at(key, self.value.get(key)?))
    }

    /// A field that is present and not `null`.
    pub(crate) fn get(&self, key: &str) -> Option<Form<'v>> {
        self.given(key).filter(|form| !form.value.is_null())
    }

    /// A required field.
    pub(crate) fn need(&self, key: &str) -> Option<Form<'v>> {
        let found = self.get(key);
        if found.is_none() {
            self.at(key, &Value::Null).fault("BASE_TYPE_REQUIRED", "This field is required");
        }
        found
    }

    pub(crate) fn object(&self) -> bool {
        if !self.value.is_object() {
            self.fault("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType");
        }
        self.value.is_object()
    }

    /// The entries of an object, for maps such as localisations.
    pub(crate) fn entries(&self) -> Vec<(&'v str, Form<'v>)> {
        if !self.object() {
            return Vec::new();
        }
        self.value
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.as_str(), self.at(key, value)))
            .collect()
    }

    pub(crate) fn list(&self, length: RangeInclusive<usize>) -> Vec<Form<'v>> {
        let Some(items) = self.value.as_array() else {
            self.fault("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
            return Vec::new();
        };
        self.length(items.len(), &length);
        items.iter().enumerate().map(|(index, item)| self.at(&index.to_string(), item)).collect()
    }

    fn length(&self, found: usize, allowed: &RangeInclusive<usize>) {
        let (least, most) = (allowed.start(), allowed.end());
        if found == 0 && *least > 0 {
            self.fault("BASE_TYPE_REQUIRED", "This field is required");
        } else if found > *most && *least > 0 || found < *least {
            self.fault("BASE_TYPE_BAD_LENGTH", format!("Must be between {least} and {most} in length."));
        } else if found > *most {
            self.fault("BASE_TYPE_MAX_LENGTH", format!("Must be {most} or fewer in length."));
        }
    }

    /// A string; its length is counted in characters.
    pub(crate) fn text(&self, length: RangeInclusive<usize>) -> Option<&'v str> {
        let Some(text) = self.value.as_str() else {
            self.fault("STRING_TYPE_CONVERT", format!("Could not interpret \"{}\" as string.", self.value));
            return None;
        };
        self.length(text.chars().count(), &length);
        Some(text)
    }

    /// A trimmed string; surrounding white space doesn't count towards its length.
    pub(crate) fn trimmed(&self, length: RangeInclusive<usize>) -> Option<&'v str> {
        let Some(text) = self.value.as_str() else {
            return self.text(length);
        };
        let text = text.trim();
        self.length(text.chars().count(), &length);
        Some(text)
    }

    pub(crate) fn int(&self, range: RangeInclusive<i64>) -> Option<i64> {
        // JSON knows one kind of number: 5.0 is 5, and common libraries send it so.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "only whole numbers get here, and a range is checked below"
        )]
        let whole = |number: f64| (number.fract() == 0.0).then_some(number as i64);
        let Some(number) = self.value.as_i64().or_else(|| self.value.as_f64().and_then(whole)) else {
            self.fault("NUMBER_TYPE_COERCE", format!("Value \"{}\" is not int.", self.value));
            return None;
        };
        if number > *range.end() {
            self.fault(
                "NUMBER_TYPE_MAX",
                format!("int value should be less than or equal to {}.", range.end()),
            );
        } else if number < *range.start() {
            self.fault(
                "NUMBER_TYPE_MIN",
                format!("int value should be greater than or equal to {}.", range.start()),
            );
        }
        Some(number)
    }

    pub(crate) fn number(&self) -> Option<f64> {
        let number = self.value.as_f64();
        if number.is_none() {
            self.fault("NUMBER_TYPE_COERCE", format!("Value \"{}\" is not float.", self.value));
        }
        number
    }

    /// One of a small set of numbers.
    pub(crate) fn one_of(&self, allowed: &[i64]) -> Option<i64> {
        let number = self.value.as_i64().filter(|number| allowed.contains(number));
        if number.is_none() {
            let set = allowed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            self.fault("BASE_TYPE_CHOICES", format!("Value must be one of {{{set}}}."));
        }
        number
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        if !self.value.is_boolean() {
            self.fault("BOOLEAN_TYPE_CONVERT", "Must be either true or false.");
        }
        self.value.as_bool()
    }

    /// A snowflake, as a string or a number.
    pub(crate) fn id(&self) -> Option<Id> {
        let id = super::world::id_of(self.value);
        if id.is_none() {
            self.fault("NUMBER_TYPE_COERCE", format!("Value \"{}\" is not snowflake.", self.value));
        }
        id
    }

    /// A web address, or `attachment://…` where that is allowed.
    pub(crate) fn url(&self, schemes: &[&str]) -> Option<&'v str> {
        let url = self.text(0..=2048)?;
        let known = schemes.iter().find_map(|scheme| url.strip_prefix(scheme));
        if !known.is_some_and(|rest| {
            !rest.is_empty() && !rest.starts_with('/') && !url.contains(char::is_whitespace)
        }) {
            self.fault("URL_TYPE_INVALID_URL", "Not a well formed URL.");
        }
        Some(url)
    }
}
