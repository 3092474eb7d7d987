//! The files of HTTP, and the tests through it.

use super::{
    draft::Draft,
    files::Files,
    sample,
    slots::{imports, values},
    types::Typed,
};
use crate::{
    Result,
    ops::fields::{FieldKind, Key},
};

impl Files<'_> {
    pub(super) fn search(&self) -> Result<String> {
        let filtered = self.slots.filtered();
        let kinds: Vec<FieldKind> = filtered.iter().map(|it| it.0.kind).collect();
        let sorts: String = self
            .slots
            .sorted()
            .into_iter()
            .map(|it| format!("{}\n{},\n", it.doc(), it.column()))
            .collect();
        let mut draft = self
            .inside("search")?
            .fields("{E}Filter", &self.slots.filter())?
            .fields(
                "{E}Sort",
                &format!("{sorts}/// The id, which no two {{ps}} share.\nId,\n"),
            )?;
        let (others, own) = (imports(&kinds, &[]), values(&kinds));
        if !others.is_empty() {
            draft = draft.swap(
                "use garde::Validate;",
                format!("use garde::Validate;\n{others}").trim_end(),
            )?;
        }
        if !own.is_empty() {
            draft = draft.swap(
                "use serde_json::Value;",
                &format!(
                    "use serde_json::Value;\n\nuse super::{{{}}};",
                    own.trim_end_matches(", ")
                ),
            )?;
        }
        Ok(draft.finish())
    }

    pub(super) fn list(&self) -> Result<String> {
        let positions: String = self
            .slots
            .sorted()
            .into_iter()
            .map(|it| format!("{{E}}Sort::{} => {},\n", it.column(), it.position()))
            .collect();
        let id = match self.new.key {
            Key::Uuid => "{e}.id.to_string().into()",
            Key::Int => "{e}.id.column().into()",
            Key::String => "{e}.id.as_str().into()",
        };
        let body = format!("match key {{ {positions}{{E}}Sort::Id => {id}, }}");
        Ok(self.inside("list")?.body("position", &body)?.finish())
    }

    pub(super) fn request(&self, file: &str, name: &str) -> Result<String> {
        let draft = self
            .inside(file)?
            .fields(name, &self.slots.requested())?
            .conversion(
                name,
                "{E}Details",
                &format!("Self {{ {} }}", self.slots.taken_from("it")),
            )?
            .swap(
                "use super::{Money,",
                &format!("use super::{{{}", self.values()),
            )?;
        Ok(self
            .with_imports(draft, "use serde::Deserialize;")?
            .finish())
    }

    pub(super) fn view(&self) -> Result<String> {
        let fields = format!(
            "/// What identifies it.\nid: {{E}}Id,\n{}",
            self.slots.members("")
        );
        let draft = self
            .inside("view")?
            .fields("{E}View", &fields)?
            .conversion(
                "{E}",
                "{E}View",
                &format!("Self {{ id, {} }}", self.slots.taken_from("details")),
            )?
            .swap(
                "use super::{Money,",
                &format!("use super::{{{}", self.values()),
            )?;
        Ok(self.with_imports(draft, "use serde::Serialize;")?.finish())
    }

    pub(super) fn over_http(&self) -> Result<String> {
        let body = self
            .slots
            .each(|it| format!("        \"{}\": {},\n", it.name(), sample::json(it, 1)));
        let mut draft = Draft::outside("tests/it/catalog.rs", self.naming)?
            .body("{e}", &format!("    json!({{\n{body}    }})"))?;
        if let Some(first) = self.new.fields.iter().next().map(Typed) {
            let other = sample::json(first, 2);
            draft = draft.swap(
                "it[\"name\"] = \"Coffee\".into();",
                &format!("it[\"{}\"] = json!({other});", first.name()),
            )?;
        }
        let required = self
            .new
            .fields
            .iter()
            .find(|it| !it.optional)
            .map(|it| it.name.snake());
        draft = match required {
            Some(name) => draft
                .swap("it.remove(\"name\")", &format!("it.remove(\"{name}\")"))?
                .swap("\"/name\"", &format!("\"/{name}\""))?,
            None => draft
                .swap("wrong.as_object_mut().map(|it| it.remove(\"name\"));", "")?
                .swap(".violation(\"/name\", \"required\")", "")?,
        };
        let unique: String = self
            .new
            .fields
            .iter()
            .filter(|it| it.unique)
            .map(|it| {
                format!(
                    "it[\"{}\"] = json!({});\n",
                    it.name.snake(),
                    sample::any_json(Typed(it))
                )
            })
            .collect();
        if !unique.is_empty() {
            draft = draft.swap(
                "for _ in 0..3 { {s}.post(\"/{u}\", {e}()).await.created(); }",
                &format!("for number in 1..=3 {{ let mut it = {{e}}(); {unique}{{s}}.post(\"/{{u}}\", it).await.created(); }}"),
            )?;
        }
        Ok(draft.finish())
    }
}
