//! What varies with the fields, as text for the slots.

use super::types::Typed;
use crate::ops::fields::{FieldKind, Fields};

/// The fields of a module, and what its files need because of them.
pub(in crate::ops::generate) struct Slots<'a>(pub(in crate::ops::generate) &'a Fields);

impl<'a> Slots<'a> {
    fn fields(&self) -> impl Iterator<Item = Typed<'a>> {
        let fields: &'a Fields = self.0;
        fields.iter().map(Typed)
    }

    /// Text made of each field.
    pub(super) fn each(&self, make: impl Fn(Typed<'a>) -> String) -> String {
        self.fields().map(make).collect()
    }

    /// The kinds of all fields.
    pub(in crate::ops::generate) fn kinds(&self) -> Vec<FieldKind> {
        self.0.iter().map(|field| field.kind).collect()
    }

    /// Fields of a struct.
    pub(in crate::ops::generate) fn members(&self, visibility: &str) -> String {
        self.each(|it| format!("{}\n{visibility}{}: {},\n", it.doc(), it.name(), it.full()))
    }

    /// Fields of a request, with their rules.
    pub(super) fn requested(&self) -> String {
        self.each(|it| {
            format!(
                "{}\n{}\n{}: {},\n",
                it.doc(),
                it.rule(),
                it.name(),
                it.full()
            )
        })
    }

    /// Lines that take every field from elsewhere.
    pub(super) fn taken_from(&self, place: &str) -> String {
        self.each(|it| format!("{0}: {place}.{0},\n", it.name()))
    }

    /// Fields with text that is searched.
    pub(super) fn searched(&self) -> Vec<Typed<'a>> {
        let is_taken = self
            .fields()
            .any(|it| it.name() == "text" && it.is_filterable());
        let texts = self
            .fields()
            .filter(|it| matches!(it.0.kind, FieldKind::String | FieldKind::Text));
        texts.filter(|_| !is_taken).collect()
    }

    /// Fields that lists are filtered by.
    pub(super) fn filtered(&self) -> Vec<Typed<'a>> {
        self.fields().filter(|it| it.is_filterable()).collect()
    }

    /// Fields that lists are ordered by.
    pub(super) fn sorted(&self) -> Vec<Typed<'a>> {
        self.fields().filter(|it| it.is_sortable()).collect()
    }

    /// Parameters of a list.
    pub(super) fn filter(&self) -> String {
        let own = self.filtered().into_iter().map(|it| {
            let rule = if it.0.kind == FieldKind::String {
                it.rule()
            } else {
                "#[garde(skip)]"
            };
            format!(
                "{}\n{rule}\npub {}: Option<{}>,\n",
                it.filter_doc(),
                it.name(),
                it.plain()
            )
        });
        let searched: Vec<String> = self
            .searched()
            .iter()
            .map(|it| it.0.name.spoken())
            .collect();
        let text = (!searched.is_empty()).then(|| {
            format!(
                "/// {{Ps}} with this text in {}.\n#[garde(length(chars, min = 1, max = 100))]\npub text: Option<String>,\n",
                any_of(&searched)
            )
        });
        own.chain(text).collect()
    }

    /// What the filter means in SQL: the body of `condition`.
    pub(super) fn condition(&self) -> String {
        let own: String = self.filtered().into_iter().map(Typed::condition).collect();
        let searched: String = self
            .searched()
            .iter()
            .map(|it| format!(".add(contains(Column::{}, it))", it.column()))
            .collect();
        if searched.is_empty() {
            return format!("Condition::all(){own}");
        }
        format!(
            "let text = filter.text.as_ref();\n\
             let text = text.map(|it| {{\nCondition::any(){searched}\n}});\n\
             Condition::all(){own}.add_option(text)"
        )
    }

    /// Which of these kinds are there.
    pub(super) fn any(&self, kind: FieldKind) -> bool {
        self.0.any(kind)
    }
}

/// `use` lines for the types of some kinds of fields; `json` names more of `serde_json`.
pub(in crate::ops::generate) fn imports(kinds: &[FieldKind], json: &[&str]) -> String {
    let has = |kind: FieldKind| kinds.contains(&kind);
    let mut lines = String::new();
    let chrono: Vec<&str> = [
        (FieldKind::Date, "ChronoDate"),
        (FieldKind::Datetime, "ChronoDateTimeUtc"),
    ]
    .into_iter()
    .filter_map(|(kind, name)| has(kind).then_some(name))
    .collect();
    if !chrono.is_empty() {
        lines.push_str(&format!(
            "use atlas::db::sea_orm::prelude::{{{}}};\n",
            chrono.join(", ")
        ));
    }
    if !json.is_empty() && has(FieldKind::Json) {
        lines.push_str(&format!("use serde_json::{{{}}};\n", json.join(", ")));
    }
    if has(FieldKind::Uuid) {
        lines.push_str("use uuid::Uuid;\n");
    }
    lines
}

/// `Decimal, Money, ` as far as these kinds use them.
pub(super) fn values(kinds: &[FieldKind]) -> String {
    [
        (FieldKind::Decimal, "Decimal, "),
        (FieldKind::Money, "Money, "),
    ]
    .into_iter()
    .filter_map(|(kind, name)| kinds.contains(&kind).then_some(name))
    .collect()
}

/// `a, b or c`
fn any_of(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}
