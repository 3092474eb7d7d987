//! Records with their tables, columns and references found, in an order in which they can be written.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value as Json;

use super::{
    document::{Record, TableRecords, tables},
    fault::Fault,
    fixtures::Fixtures,
    node::Position,
    target::Target,
};

/// All that is known of a file before the database is asked.
pub(crate) struct Plan {
    pub(super) file: String,
    pub(super) tables: Vec<PlannedTable>,
    labels: HashMap<String, RecordId>,
}

pub(super) struct PlannedTable {
    pub(super) target: Arc<dyn Target>,
    pub(super) records: Vec<PlannedRecord>,
}

pub(super) struct PlannedRecord {
    pub(super) label: String,
    pub(super) at: Position,
    pub(super) cells: Vec<Cell>,
    /// How many records have to be written before it, one behind the other.
    pub(super) level: usize,
}

pub(super) struct Cell {
    pub(super) column: usize,
    pub(super) at: Position,
    pub(super) value: CellValue,
}

pub(super) enum CellValue {
    Json(Json),
    Reference(Reference),
}

/// A column of another record.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    /// Table and label, such as `categories.tea`.
    pub(super) record: String,
    /// The column; the primary key without one.
    pub(super) column: Option<String>,
}

/// A record of a plan: the numbers of its table and of itself.
pub(super) type RecordId = (usize, usize);

impl Plan {
    pub(super) fn of(records: &Fixtures) -> Result<Self, Fault> {
        let file = records.file().name().to_owned();
        let mut labels = HashMap::new();
        let mut planned = Vec::new();
        for (number, table) in tables(records.file().read()?, &file)?
            .into_iter()
            .enumerate()
        {
            let target = target(records, &table, &file)?;
            let mut rows = Vec::with_capacity(table.records.len());
            for record in table.records {
                let path = format!("{}.{}", table.name, record.label);
                rows.push(bind(target.as_ref(), record, &path, &file)?);
                labels.insert(path, (number, rows.len() - 1));
            }
            planned.push(PlannedTable {
                target,
                records: rows,
            });
        }
        let mut plan = Self {
            file,
            tables: planned,
            labels,
        };
        plan.assign_levels()?;
        Ok(plan)
    }

    /// The record of a table and label.
    pub(super) fn find(&self, record: &str) -> Option<RecordId> {
        self.labels.get(record).copied()
    }

    pub(super) fn record(&self, (table, record): RecordId) -> &PlannedRecord {
        &self.tables[table].records[record]
    }

    pub(super) fn target(&self, (table, _): RecordId) -> &Arc<dyn Target> {
        &self.tables[table].target
    }

    pub(super) fn path(&self, id: RecordId) -> String {
        format!("{}.{}", self.target(id).table(), self.record(id).label)
    }

    /// All labels, for words.
    pub(super) fn labels(&self) -> impl Iterator<Item = &str> {
        self.labels.keys().map(String::as_str)
    }

    /// All references, each with the record and the cell it stands in.
    pub(super) fn references(&self) -> impl Iterator<Item = (RecordId, &Cell, &Reference)> {
        let tables = self.tables.iter().enumerate();
        let records = tables.flat_map(|(number, table)| {
            let records = table.records.iter().enumerate();
            records.map(move |(row, record)| ((number, row), record))
        });
        records.flat_map(|(id, record)| {
            record
                .cells
                .iter()
                .filter_map(move |cell| match &cell.value {
                    CellValue::Reference(reference) => Some((id, cell, reference)),
                    CellValue::Json(_) => None,
                })
        })
    }

    /// A fault at a cell.
    pub(super) fn at(&self, fault: Fault, id: RecordId, cell: &Cell) -> Fault {
        let column = self.target(id).columns()[cell.column];
        let path = format!("{}.{column}", self.path(id));
        fault.at(&self.file, cell.at, &path)
    }

    /// Puts each record behind those it refers to.
    fn assign_levels(&mut self) -> Result<(), Fault> {
        let mut behind: HashMap<RecordId, Vec<RecordId>> = HashMap::new();
        let mut open: HashMap<RecordId, usize> = HashMap::new();
        for (id, _, reference) in self.references() {
            if let Some(other) = self.find(&reference.record) {
                behind.entry(other).or_default().push(id);
                *open.entry(id).or_default() += 1;
            }
        }
        let mut ready: Vec<RecordId> = behind
            .keys()
            .filter(|id| !open.contains_key(*id))
            .copied()
            .collect();
        while let Some(done) = ready.pop() {
            let level = self.record(done).level + 1;
            for id in behind.remove(&done).unwrap_or_default() {
                let record = &mut self.tables[id.0].records[id.1];
                record.level = record.level.max(level);
                if let Some(count) = open.get_mut(&id) {
                    *count -= 1;
                    if *count == 0 {
                        open.remove(&id);
                        ready.push(id);
                    }
                }
            }
        }
        match open.keys().min() {
            None => Ok(()),
            Some(id) => Err(self.circle(*id, &open)),
        }
    }

    /// Names the records that refer to each other; `id` is one of them, or refers to one.
    fn circle(&self, id: RecordId, open: &HashMap<RecordId, usize>) -> Fault {
        let mut way = vec![id];
        loop {
            let last = way[way.len() - 1];
            let next = self.record(last).cells.iter().find_map(|cell| {
                let CellValue::Reference(reference) = &cell.value else {
                    return None;
                };
                let other = self.find(&reference.record)?;
                open.contains_key(&other).then_some((other, cell))
            });
            let Some((next, cell)) = next else {
                return Fault::reference("records refer to each other in a circle");
            };
            if let Some(begin) = way.iter().position(|it| *it == next) {
                let names: Vec<String> = way[begin..]
                    .iter()
                    .chain([&next])
                    .map(|it| format!("`{}`", self.path(*it)))
                    .collect();
                let problem = format!("refers in a circle: {}", names.join(" → "));
                return self.at(Fault::reference(problem), last, cell).help(
                    "none of them can be written first: leave one reference out here, and set it by a seed in code",
                );
            }
            way.push(next);
        }
    }
}

fn target(records: &Fixtures, table: &TableRecords, file: &str) -> Result<Arc<dyn Target>, Fault> {
    let known = records.targets();
    let found = known.iter().find(|it| it.table() == table.name);
    found.map(Arc::clone).ok_or_else(|| {
        Fault::new(format!(
            "the seed has no entity for the table `{}`",
            table.name
        ))
        .at(file, table.at, &table.name)
        .help("add it in the code of the seed: `.table::<…::Entity>([…])`")
        .suggest(&table.name, "its tables", known.iter().map(|it| it.table()))
    })
}

fn bind(
    target: &dyn Target,
    record: Record,
    path: &str,
    file: &str,
) -> Result<PlannedRecord, Fault> {
    let mut cells = Vec::with_capacity(record.fields.len());
    for field in record.fields {
        let columns = target.columns();
        let Some(column) = columns.iter().position(|it| *it == field.name) else {
            let path = format!("{path}.{}", field.name);
            let problem = format!("`{}` has no column `{}`", target.table(), field.name);
            return Err(Fault::new(problem).at(file, field.at, &path).suggest(
                &field.name,
                "its columns",
                columns.iter().copied(),
            ));
        };
        let at = field.value.at;
        let json = field.value.into_json();
        let value = match reference(&json).filter(|_| !target.is_json(column)) {
            Some(reference) => CellValue::Reference(reference),
            None => CellValue::Json(json),
        };
        cells.push(Cell { column, at, value });
    }
    Ok(PlannedRecord {
        label: record.label,
        at: record.at,
        cells,
        level: 0,
    })
}

/// `{ "ref": "categories.tea" }`, perhaps with a column.
fn reference(json: &Json) -> Option<Reference> {
    let object = json.as_object()?;
    let record = object.get("ref")?.as_str()?.to_owned();
    let column = match object.get("column") {
        Some(column) => Some(column.as_str()?.to_owned()),
        None => None,
    };
    let known = 1 + usize::from(column.is_some());
    (object.len() == known).then_some(Reference { record, column })
}
