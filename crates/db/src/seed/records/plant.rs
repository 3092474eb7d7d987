//! Writes the records of a plan.

use std::{collections::HashMap, pin::Pin, sync::Arc};

use serde_json::Value as Json;

use super::{
    fault::Fault,
    fixtures::Fixtures,
    plan::{Cell, CellValue, Plan, RecordId, Reference},
    target::{Fields, Trouble},
};
use crate::Db;

/// The records of all seeds of a profile, read when they are asked for.
pub(crate) struct Library<'a> {
    known: Vec<&'a Fixtures>,
    plans: HashMap<&'static str, Arc<Plan>>,
}

/// Values of records that others refer to, by record and column.
type Values = HashMap<(RecordId, usize), Json>;

impl<'a> Library<'a> {
    pub(crate) fn new(known: Vec<&'a Fixtures>) -> Self {
        Self {
            known,
            plans: HashMap::new(),
        }
    }

    /// The plan of a seed.
    pub(crate) fn plan(&mut self, records: &Fixtures) -> Result<Arc<Plan>, Fault> {
        if let Some(plan) = self.plans.get(records.name()) {
            return Ok(Arc::clone(plan));
        }
        let plan = Arc::new(Plan::of(records)?);
        self.plans.insert(records.name(), Arc::clone(&plan));
        Ok(plan)
    }

    /// The other seeds that records of this one refer to.
    pub(crate) fn needs(&mut self, records: &Fixtures) -> Result<Vec<&'static str>, Fault> {
        let plan = self.plan(records)?;
        let mut needs = Vec::new();
        for (id, cell, reference) in plan.references() {
            if plan.find(&reference.record).is_some() {
                continue;
            }
            let (seed, ..) = self.elsewhere(&plan, id, cell, reference)?;
            if !needs.contains(&seed) {
                needs.push(seed);
            }
        }
        Ok(needs)
    }

    /// The record of another seed that a reference means.
    fn elsewhere(
        &mut self,
        plan: &Plan,
        id: RecordId,
        cell: &Cell,
        reference: &Reference,
    ) -> Result<(&'static str, Arc<Plan>, RecordId), Fault> {
        let table = reference.record.split('.').next().unwrap_or_default();
        let mut labels: Vec<String> = plan.labels().map(str::to_owned).collect();
        for records in self.known.clone() {
            if !records.targets().iter().any(|it| it.table() == table) {
                continue;
            }
            let other = self.plan(records)?;
            if let Some(found) = other.find(&reference.record) {
                return Ok((records.name(), other, found));
            }
            labels.extend(other.labels().map(str::to_owned));
        }
        let problem = format!("refers to `{}`, which no seed has", reference.record);
        let mut fault = Fault::reference(problem).help(
            "a reference names a table and the label of a record in it, such as `categories.tea`",
        );
        labels.retain(|it| it.split('.').next() == Some(table));
        labels.sort_unstable();
        fault = fault.suggest(
            &reference.record,
            "the records of that table",
            labels.iter().map(String::as_str),
        );
        Err(plan.at(fault, id, cell))
    }

    /// Writes the records of a seed; the caller has begun a transaction.
    pub(crate) async fn plant(&mut self, db: &Db, records: &Fixtures) -> Result<(), Fault> {
        let plan = self.plan(records)?;
        let wanted = wanted(&plan)?;
        let mut values = Values::new();
        let levels = plan.tables.iter().flat_map(|it| &it.records);
        let last = levels.map(|it| it.level).max().unwrap_or(0);
        for level in 0..=last {
            for (number, table) in plan.tables.iter().enumerate() {
                let rows = table.records.iter().enumerate();
                let ids: Vec<RecordId> = rows
                    .filter(|(_, record)| record.level == level)
                    .map(|(row, _)| (number, row))
                    .collect();
                if ids.is_empty() {
                    continue;
                }
                let mut fields = Vec::with_capacity(ids.len());
                for id in &ids {
                    fields.push(self.fields(db, &plan, *id, &mut values).await?);
                }
                let written = table.target.write(db, fields).await;
                written.map_err(|trouble| told(&plan, &ids, trouble))?;
                self.remember(db, &plan, &ids, &wanted, &mut values).await?;
            }
        }
        Ok(())
    }

    /// The values of a record, its references resolved.
    async fn fields(
        &mut self,
        db: &Db,
        plan: &Arc<Plan>,
        id: RecordId,
        values: &mut Values,
    ) -> Result<Fields, Fault> {
        let mut fields = Vec::with_capacity(plan.record(id).cells.len());
        for cell in &plan.record(id).cells {
            let value = match &cell.value {
                CellValue::Json(json) => json.clone(),
                CellValue::Reference(reference) => {
                    self.resolve(db, plan, id, cell, reference, values).await?
                }
            };
            fields.push((cell.column, value));
        }
        Ok(fields)
    }

    async fn resolve(
        &mut self,
        db: &Db,
        plan: &Arc<Plan>,
        id: RecordId,
        cell: &Cell,
        reference: &Reference,
        values: &mut Values,
    ) -> Result<Json, Fault> {
        if let Some(other) = plan.find(&reference.record) {
            let column = column(plan, id, cell, reference, plan, other)?;
            let value = values.get(&(other, column)).cloned();
            // each record is written behind those it refers to
            return value.ok_or_else(|| absent(plan, id, cell, reference, None));
        }
        let (seed, other, found) = self.elsewhere(plan, id, cell, reference)?;
        let column = column(plan, id, cell, reference, &other, found)?;
        let value = self.stored(db, &other, found, column).await?;
        value.ok_or_else(|| absent(plan, id, cell, reference, Some(seed)))
    }

    /// A value that a record of another seed has in the database.
    fn stored<'b>(
        &'b mut self,
        db: &'b Db,
        plan: &'b Arc<Plan>,
        id: RecordId,
        column: usize,
    ) -> Pin<Box<dyn Future<Output = Result<Option<Json>, Fault>> + Send + 'b>> {
        Box::pin(async move {
            let record = plan.record(id);
            let target = plan.target(id);
            let mut key = Vec::with_capacity(target.key().len());
            for part in target.key() {
                let Some(cell) = record.cells.iter().find(|it| it.column == *part) else {
                    return Err(told(plan, &[id], Trouble::NoKey(0, *part)));
                };
                key.push(match &cell.value {
                    CellValue::Json(json) => json.clone(),
                    CellValue::Reference(reference) => {
                        let inner = match plan.find(&reference.record) {
                            Some(inner) => (Arc::clone(plan), inner),
                            None => {
                                let (_, other, inner) =
                                    self.elsewhere(plan, id, cell, reference)?;
                                (other, inner)
                            }
                        };
                        let column = self::column(plan, id, cell, reference, &inner.0, inner.1)?;
                        match self.stored(db, &inner.0, inner.1, column).await? {
                            Some(value) => value,
                            None => return Ok(None),
                        }
                    }
                });
            }
            let found = target.find(db, vec![key], column).await;
            let mut found = found.map_err(|trouble| told(plan, &[id], trouble))?;
            Ok(found.pop().flatten())
        })
    }

    /// Keeps the values of written records that others refer to.
    async fn remember(
        &mut self,
        db: &Db,
        plan: &Arc<Plan>,
        ids: &[RecordId],
        wanted: &HashMap<RecordId, Vec<usize>>,
        values: &mut Values,
    ) -> Result<(), Fault> {
        let mut asked: HashMap<usize, Vec<RecordId>> = HashMap::new();
        for id in ids {
            for column in wanted.get(id).into_iter().flatten() {
                asked.entry(*column).or_default().push(*id);
            }
        }
        for (column, ids) in asked {
            let target = plan.target(ids[0]);
            let mut keys = Vec::with_capacity(ids.len());
            for id in &ids {
                let fields = self.fields(db, plan, *id, values).await?;
                let key = target.key().iter().filter_map(|part| {
                    let field = fields.iter().find(|(column, _)| column == part);
                    field.map(|(_, value)| value.clone())
                });
                keys.push(key.collect());
            }
            let found = target.find(db, keys, column).await;
            let found = found.map_err(|trouble| told(plan, &ids, trouble))?;
            for (id, value) in ids.into_iter().zip(found) {
                if let Some(value) = value {
                    values.insert((id, column), value);
                }
            }
        }
        Ok(())
    }
}

/// The columns of records of this file that others in it refer to.
fn wanted(plan: &Plan) -> Result<HashMap<RecordId, Vec<usize>>, Fault> {
    let mut wanted: HashMap<RecordId, Vec<usize>> = HashMap::new();
    for (id, cell, reference) in plan.references() {
        if let Some(other) = plan.find(&reference.record) {
            let column = column(plan, id, cell, reference, plan, other)?;
            let columns = wanted.entry(other).or_default();
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
    }
    Ok(wanted)
}

/// The column that a reference means; `other` is the record in its own plan.
fn column(
    plan: &Plan,
    id: RecordId,
    cell: &Cell,
    reference: &Reference,
    theirs: &Plan,
    other: RecordId,
) -> Result<usize, Fault> {
    let target = theirs.target(other);
    let Some(name) = &reference.column else {
        return target.primary_key().ok_or_else(|| {
            let problem = format!(
                "refers to `{}`, whose primary key is not one column",
                reference.record
            );
            let fault = Fault::reference(problem).help(
                "name the column: `{ ref = \"…\", column = \"…\" }`, one reference for each of them",
            );
            plan.at(fault, id, cell)
        });
    };
    let columns = target.columns();
    columns.iter().position(|it| it == name).ok_or_else(|| {
        let problem = format!(
            "refers to the column `{name}` of `{}`, which it has not",
            target.table()
        );
        let fault = Fault::reference(problem);
        plan.at(
            fault.suggest(name, "its columns", columns.iter().copied()),
            id,
            cell,
        )
    })
}

fn absent(
    plan: &Plan,
    id: RecordId,
    cell: &Cell,
    reference: &Reference,
    seed: Option<&str>,
) -> Fault {
    let problem = format!(
        "refers to `{}`, which is not in the database",
        reference.record
    );
    let fault = Fault::reference(problem).help(match seed {
        Some(seed) => format!("run the seed `{seed}` first, or all of them"),
        None => {
            "its key changed while it was written: a trigger or a default of the database did that"
                .to_owned()
        }
    });
    plan.at(fault, id, cell)
}

/// Says where in the file the trouble came from; `ids` are the rows that were written.
fn told(plan: &Plan, ids: &[RecordId], trouble: Trouble) -> Fault {
    let at = |fault: Fault, row: usize, column: usize| {
        let id = ids[row];
        match plan.record(id).cells.iter().find(|it| it.column == column) {
            Some(cell) => plan.at(fault, id, cell),
            None => fault.at(&plan.file, plan.record(id).at, &plan.path(id)),
        }
    };
    match trouble {
        Trouble::Value(row, column, problem) => at(Fault::new(problem), row, column),
        Trouble::NoKey(row, column) => {
            let name = plan.target(ids[row]).columns()[column];
            let problem = format!("the record has no `{name}`, by which it would be found again");
            let help = format!("give it a `{name}` that no other record has");
            at(Fault::new(problem).help(help), row, column)
        }
        Trouble::Twice(row, first) => {
            let target = plan.target(ids[row]);
            let names: Vec<&str> = target
                .key()
                .iter()
                .map(|it| target.columns()[*it])
                .collect();
            let names = super::fault::list(&names);
            let first = plan.path(ids[first]);
            let fault = Fault::new(format!("the record has the same {names} as `{first}`"))
                .help("records are found again by these columns: give it values of its own");
            let id = ids[row];
            fault.at(&plan.file, plan.record(id).at, &plan.path(id))
        }
        Trouble::Database(error) => {
            let mut fault = Fault::from(error);
            let table = plan.target(ids[0]).table();
            fault.problem = format!("`{table}`: {}", fault.problem);
            fault.place = Some(format!("{}  `{table}`", plan.file));
            fault
        }
    }
}
