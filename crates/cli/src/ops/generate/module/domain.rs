//! The files that know neither SQL nor HTTP.

use super::{draft::Draft, files::Files, sample, slots::imports};
use crate::{
    Result,
    ops::fields::{FieldKind, Key},
};

impl Files<'_> {
    pub(super) fn wiring(&self) -> Result<String> {
        let mut draft = self
            .inside("mod")?
            .swap(": the {ps} that can be bought.", ".")?
            .swap("mod seeds;", "")?
            .swap(".contribute(seeds::{m}) // → Seed", "")?;
        if !self.has(FieldKind::Money) {
            draft = draft.swap("mod money;", "")?.swap("money::Money,", "")?;
        }
        if self.has(FieldKind::Decimal) {
            draft = draft
                .swap("mod id;", "mod decimal;\nmod id;")?
                .swap("id::{E}Id,", "decimal::Decimal,\nid::{E}Id,")?;
        }
        if self.naming.file == "entity" {
            draft = draft
                .swap("mod {e};", "mod entity;")?
                .swap("{e}::{", "entity::{")?;
        }
        Ok(draft.finish())
    }

    pub(super) fn id(&self) -> Result<String> {
        let own = |name: &str, text: &str| Ok(Draft::own(name, text, self.naming).finish());
        match self.new.key {
            Key::String => self.plain("id"),
            Key::Uuid => own(
                "id_uuid.rs",
                include_str!("../../../../templates/id_uuid.rs"),
            ),
            Key::Int => own("id_int.rs", include_str!("../../../../templates/id_int.rs")),
        }
    }

    pub(super) fn entity(&self) -> Result<String> {
        let draft = self
            .inside("product")?
            .fields("{E}Details", &self.slots.members("pub "))?;
        let draft = self.with_imports(draft, "use atlas::prelude::*;")?;
        let draft = draft.swap(
            "use super::{Money,",
            &format!("use super::{{{}", self.values()),
        )?;
        let draft = match self.is_int() {
            true => draft
                .swap(
                    "; there is none of its id yet.",
                    ", under an id that the database gives.",
                )?
                .swap(
                    "async fn add(&self, {e}: &{E}) -> Result<()>;",
                    "async fn add(&self, details: {E}Details) -> Result<{E}>;",
                )?,
            false => draft,
        };
        Ok(draft.finish())
    }

    pub(super) fn service(&self) -> Result<String> {
        let mut draft = self.inside("service")?;
        if self.is_int() {
            draft = draft.swap(
                "let {e} = {E} { id: {E}Id::fresh(), details, }; self.{m}.add(&{e}).await?; Ok({e})",
                "self.{m}.add(details).await",
            )?;
        }
        if self.naming.file == "entity" {
            draft = draft.swap("{e}::not_found", "entity::not_found")?;
        }
        Ok(draft.finish())
    }

    pub(super) fn memory(&self) -> Result<String> {
        let mut draft = self.inside("memory")?;
        if self.is_int() {
            draft = draft
                .swap(
                    "use super::{{E}, {E}Id,",
                    "use super::{{E}, {E}Details, {E}Id,",
                )?
                .swap(
                    "async fn add(&self, {e}: &{E}) -> Result<()> {
                        self.0.lock().unwrap().insert({e}.id.clone(), {e}.clone());
                        Ok(())
                    }",
                    "async fn add(&self, details: {E}Details) -> Result<{E}> {
                        let mut all = self.0.lock().unwrap();
                        let id = {E}Id::from_column(i64::try_from(all.len()).unwrap() + 1);
                        let {e} = {E} { id, details };
                        all.insert({e}.id.clone(), {e}.clone());
                        Ok({e})
                    }",
                )?;
        }
        Ok(draft.finish())
    }

    pub(super) fn tests(&self) -> Result<String> {
        let sample = self.slots.each(sample::rust);
        let mut draft = self
            .inside("tests")?
            .body("details", &format!("{{E}}Details {{ {sample} }}"))?
            .swap("fn details(name: &str)", "fn details(number: i32)")?
            .swap(".details.name, \"coffee\"", ".details, details(2)")?
            .swap("details(\"coffee\")", "details(2)")?
            .swap_all("details(\"tea\")", "details(1)")?
            .swap(
                "use super::{Money,",
                &format!("use super::{{{}", self.values()),
            )?;
        if self.is_int() {
            draft = draft.swap("{E}Id::fresh()", "{E}Id::from_column(0)")?;
        }
        let line = "use atlas::core::Kind;";
        let imports = imports(&self.kinds, &["json"]);
        Ok(draft
            .swap(line, format!("{line}\n{imports}").trim_end())?
            .finish())
    }
}
