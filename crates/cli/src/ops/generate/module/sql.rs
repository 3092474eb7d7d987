//! The files of the database.

use super::{
    draft::Draft, feature::NewModule, files::Files, naming::Naming, slots::Slots, types::Typed,
};
use crate::{
    Result,
    ops::{
        fields::Key,
        generate::columns::{self, Column},
    },
};

/// The migration that makes the table.
pub(super) fn migration(new: &NewModule, naming: &Naming, template: &str) -> Result<String> {
    let slots = Slots(&new.fields);
    let key = match new.key {
        Key::Uuid => "uuid()",
        Key::Int => "big_integer().auto_increment()",
        Key::String => "string_len(10)",
    };
    let columns: String = new
        .fields
        .iter()
        .flat_map(Column::of)
        .map(|column| format!(".col({})", column.define()))
        .collect();
    let table = new.name.module.snake();
    let indexes: String = slots.each(|it| {
        columns::index(&table, it.0)
            .map(|index| format!("schema.execute({index});\n"))
            .unwrap_or_default()
    });
    let up = format!(
        "schema.execute(Table::create().table(\"{{t}}\").col(ColumnDef::new(\"id\").{key}.not_null().primary_key()){columns});\n{indexes}"
    );
    let draft = Draft::outside(template, naming)?.method("up", &up)?;
    let draft = if indexes.is_empty() {
        draft.swap("{ColumnDef, Index, Table}", "{ColumnDef, Table}")?
    } else {
        draft
    };
    Ok(draft.finish())
}

impl Files<'_> {
    pub(super) fn repository(&self) -> Result<String> {
        let mut draft = self.with_key(self.inside("repository")?)?;
        if self.is_int() {
            draft = draft
                .swap(
                    "sea_orm::{ColumnTrait",
                    "sea_orm::{ActiveValue::NotSet, ColumnTrait",
                )?
                .swap(
                    "{E}, {E}Id, {E}Search, {M},",
                    "{E}, {E}Details, {E}Id, {E}Search, {M},",
                )?
                .swap(
                    "async fn add(&self, {e}: &{E}) -> Result<()> {
                        let insert = Entity::insert(row({e}.clone()));
                        insert.exec_without_returning(&self.db).await.map_err(DbError::from)?;
                        Ok(())
                    }",
                    "async fn add(&self, details: {E}Details) -> Result<{E}> {
                        let id = {E}Id::from_column(0);
                        let mut new = row({E} { id, details: details.clone() });
                        new.id = NotSet; // the database gives it
                        let insert = Entity::insert(new).exec(&self.db);
                        let added = insert.await.map_err(DbError::from)?;
                        let id = {E}Id::from_column(added.last_insert_id);
                        Ok({E} { id, details })
                    }",
                )?;
        }
        Ok(draft.finish())
    }

    pub(super) fn table(&self) -> Result<String> {
        let (key, attribute) = match self.new.key {
            Key::Uuid => ("Uuid", "#[sea_orm(primary_key, auto_increment = false)]"),
            Key::Int => ("i64", "#[sea_orm(primary_key)]"),
            Key::String => ("String", "#[sea_orm(primary_key, auto_increment = false)]"),
        };
        let own_key = if self.new.key == Key::String {
            "id.into_column()"
        } else {
            "id.column()"
        };
        let model = format!(
            "{attribute}\npub(super) id: {key},\n{}",
            self.slots.each(Typed::model)
        );
        let from_row = format!(
            "{}Self {{ id: {{E}}Id::from_column(row.id), details: {{E}}Details {{ {} }} }}",
            self.slots.each(Typed::before_of_row),
            self.slots.each(Typed::of_row)
        );
        let to_row = format!(
            "Self {{ id: {own_key}, {} }}",
            self.slots.each(Typed::to_row)
        );
        Ok(self
            .inside("table")?
            .fields("Model", &model)?
            .conversion("Model", "{E}", &from_row)?
            .conversion("{E}", "Model", &to_row)?
            .swap(
                "use super::{Money,",
                &format!("use super::{{{}", self.values()),
            )?
            .finish())
    }

    pub(super) fn query(&self) -> Result<String> {
        let (filtered, searched) = (self.slots.filtered(), self.slots.searched());
        let columns: String = self
            .slots
            .sorted()
            .into_iter()
            .map(|it| format!("{{E}}Sort::{0} => Column::{0},\n", it.column()))
            .collect();
        let mut draft = self
            .inside("query")?
            .body(
                "column",
                &format!("match key {{ {columns}{{E}}Sort::Id => Column::Id, }}"),
            )?
            .body("condition", &self.slots.condition())?;
        let contains = if searched.is_empty() {
            ""
        } else {
            "contains, "
        };
        let sea_orm = match (filtered.is_empty(), searched.is_empty()) {
            (true, _) => "Condition",
            (false, _) => "{ColumnTrait, Condition}",
        };
        draft = draft.swap(
            "use atlas::db::{contains, sea_orm::Condition};",
            &format!("use atlas::db::{{{contains}sea_orm::{sea_orm}}};"),
        )?;
        if filtered.is_empty() && searched.is_empty() {
            draft = draft.swap("condition(filter: &{E}Filter)", "condition(_: &{E}Filter)")?;
        }
        Ok(draft.finish())
    }
}
