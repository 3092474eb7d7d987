//! Finds what differs, in the order in which it can be changed.

use sea_orm::DbBackend;

use super::{
    change::Change,
    entity::{Wanted, WantedColumn},
    kind,
    shape::{Column, ForeignKey, Table},
};

/// Both sides.
pub(super) struct Sides<'a> {
    pub(super) backend: DbBackend,
    /// What the entities say.
    pub(super) wanted: &'a [Wanted],
    /// Their tables as the engine describes them: columns, nothing else.
    pub(super) native: &'a [Table],
    /// What the migrations make.
    pub(super) found: &'a [Table],
    /// Tables that are nobody's business here.
    pub(super) unmapped: &'a [String],
}

/// All changes, in order: what stands in the way goes first, what needs others comes last.
pub(super) fn changes(sides: &Sides<'_>) -> Vec<Change> {
    let mut steps = Steps::default();
    let indexes = sides.found.iter().flat_map(|table| &table.indexes);
    steps.names = indexes.map(|index| index.name.clone()).collect();
    let missing: Vec<&Wanted> = sides
        .wanted
        .iter()
        .filter(|wanted| find(sides.found, &wanted.table).is_none())
        .collect();
    steps.create(sides, missing);
    for wanted in sides.wanted {
        let found = find(sides.found, &wanted.table);
        let native = find(sides.native, &wanted.table);
        if let (Some(found), Some(native)) = (found, native) {
            steps.compare(sides.backend, wanted, native, found);
        }
    }
    let spare = sides.found.iter().filter(|found| {
        !sides.unmapped.contains(&found.name)
            && !sides.wanted.iter().any(|it| it.table == found.name)
    });
    steps.drop_tables(spare.collect());
    steps.in_order()
}

fn find<'a>(tables: &'a [Table], name: &str) -> Option<&'a Table> {
    tables.iter().find(|table| table.name == name)
}

#[derive(Default)]
struct Steps {
    /// The names of indexes that are taken: some engines have one such name for all tables.
    names: Vec<String>,
    let_go: Vec<Change>,
    renamed: Vec<Change>,
    tables: Vec<Change>,
    columns: Vec<Change>,
    indexes: Vec<Change>,
    references: Vec<Change>,
    dropped: Vec<Change>,
}

impl Steps {
    fn in_order(self) -> Vec<Change> {
        [
            self.let_go,
            self.renamed,
            self.tables,
            self.columns,
            self.indexes,
            self.references,
            self.dropped,
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Makes tables, those first that others refer to.
    fn create(&mut self, sides: &Sides<'_>, mut missing: Vec<&Wanted>) {
        let mut there: Vec<&str> = sides.found.iter().map(|it| it.name.as_str()).collect();
        while !missing.is_empty() {
            let next = missing
                .iter()
                .position(|it| it.parents().all(|parent| there.contains(&parent)));
            // in a circle of references one has to begin without the others
            let wanted = missing.remove(next.unwrap_or(0));
            there.push(&wanted.table);
            let (keys, later) = wanted
                .foreign_keys
                .iter()
                .cloned()
                .partition(|key: &ForeignKey| there.contains(&key.to_table.as_str()));
            self.tables.push(Change::CreateTable {
                wanted: wanted.clone(),
                keys,
            });
            let later: Vec<ForeignKey> = later;
            self.references
                .extend(later.into_iter().map(|key| Change::AddForeignKey {
                    table: wanted.table.clone(),
                    key,
                }));
            self.index(wanted, None);
        }
    }

    /// Removes tables, those first that refer to others.
    fn drop_tables(&mut self, mut spare: Vec<&Table>) {
        while !spare.is_empty() {
            let next = spare.iter().position(|table| {
                !spare.iter().any(|other| {
                    other.name != table.name
                        && other
                            .foreign_keys
                            .iter()
                            .any(|key| key.to_table == table.name)
                })
            });
            let found = spare.remove(next.unwrap_or(0));
            self.dropped.push(Change::DropTable {
                found: found.clone(),
            });
        }
    }

    fn compare(&mut self, backend: DbBackend, wanted: &Wanted, native: &Table, found: &Table) {
        let found = self.rename(wanted, found);
        let table = &wanted.table;
        let spare: Vec<&Column> = found
            .columns
            .iter()
            .filter(|column| wanted.column(&column.name).is_none() && !column.generated)
            .collect();
        for column in &wanted.columns {
            let Some(native) = native.column(&column.name) else {
                continue;
            };
            match found.column(&column.name) {
                None => {
                    let same = |spare: &&&Column| {
                        kind::fits(backend, column, &native.kind, &spare.kind)
                            && spare.nullable == column.nullable
                    };
                    let like = spare.iter().find(same).map(|it| it.name.clone());
                    self.columns.push(Change::AddColumn {
                        table: table.clone(),
                        column: column.clone(),
                        native: native.kind.clone(),
                        like,
                    });
                }
                Some(found) if !found.generated => {
                    if let Some(what) = differs(backend, column, native, found) {
                        self.columns.push(Change::AlterColumn {
                            table: table.clone(),
                            from: found.clone(),
                            to: column.clone(),
                            native: native.kind.clone(),
                            what,
                        });
                    }
                }
                Some(_) => {}
            }
        }
        if wanted.primary_key != found.primary_key {
            self.columns.push(Change::PrimaryKey {
                table: table.clone(),
                from: found.primary_key.clone(),
                to: wanted.primary_key.clone(),
            });
        }
        self.drop_indexes(wanted, &found, &spare);
        self.columns
            .extend(spare.into_iter().map(|column| Change::DropColumn {
                table: table.clone(),
                column: column.clone(),
            }));
        self.index(wanted, Some(&found));
        for key in &wanted.foreign_keys {
            if !found.foreign_keys.iter().any(|other| other.means(key)) {
                self.references.push(Change::AddForeignKey {
                    table: table.clone(),
                    key: key.clone(),
                });
            }
        }
        for key in &found.foreign_keys {
            if !wanted.foreign_keys.iter().any(|other| other.means(key)) {
                // before the index that holds it up
                self.let_go.insert(
                    0,
                    Change::DropForeignKey {
                        table: table.clone(),
                        key: key.clone(),
                    },
                );
            }
        }
    }

    /// Renames what the entity says is renamed, and goes on as if it had been.
    fn rename(&mut self, wanted: &Wanted, found: &Table) -> Table {
        let mut found = found.clone();
        for column in &wanted.columns {
            let Some(from) = &column.renamed_from else {
                continue;
            };
            let to = &column.name;
            if found.column(from).is_none() || found.column(to).is_some() {
                continue;
            }
            self.renamed.push(Change::RenameColumn {
                table: wanted.table.clone(),
                from: from.clone(),
                to: to.clone(),
            });
            let names = found
                .columns
                .iter_mut()
                .map(|it| &mut it.name)
                .chain(&mut found.primary_key)
                .chain(found.indexes.iter_mut().flat_map(|it| &mut it.columns))
                .chain(found.foreign_keys.iter_mut().flat_map(|it| &mut it.columns));
            names.filter(|name| *name == from).for_each(|name| {
                to.clone_into(name);
            });
        }
        found
    }

    /// Indexes that go: those of columns that go, and promises of uniqueness that the entity does not make. Others stay,
    /// for an entity need not say all that makes a service fast.
    fn drop_indexes(&mut self, wanted: &Wanted, found: &Table, spare: &[&Column]) {
        for index in &found.indexes {
            let of_spare = index
                .columns
                .iter()
                .any(|name| spare.iter().any(|column| column.name == *name));
            let promised = wanted
                .uniques
                .iter()
                .chain([&wanted.primary_key])
                .any(|columns| same(columns, &index.columns));
            let because = if of_spare {
                "has a column that the entity has not"
            } else if index.unique && !index.partial && !promised {
                "keeps values unique, which the entity does not say"
            } else {
                continue;
            };
            self.let_go.push(Change::DropIndex {
                table: wanted.table.clone(),
                index: index.clone(),
                because,
            });
        }
    }

    /// Indexes that come.
    fn index(&mut self, wanted: &Wanted, found: Option<&Table>) {
        let all = found.map_or(&[][..], |table| &table.indexes);
        for columns in &wanted.uniques {
            let kept = all
                .iter()
                .any(|it| it.unique && !it.partial && same(columns, &it.columns))
                || same(columns, &wanted.primary_key);
            if !kept {
                self.create_index(&wanted.table, columns, true);
            }
        }
        for columns in &wanted.indexes {
            let serves = |index: &[String]| index.starts_with(columns);
            let kept = all.iter().any(|it| !it.partial && serves(&it.columns))
                || serves(&wanted.primary_key);
            if !kept {
                self.create_index(&wanted.table, columns, false);
            }
        }
    }

    fn create_index(&mut self, table: &str, columns: &[String], unique: bool) {
        let base = format!("{table}_by_{}", columns.join("_and_"));
        let mut name = base.clone();
        let mut number = 2;
        while self.names.contains(&name) {
            name = format!("{base}_{number}");
            number += 1;
        }
        self.names.push(name.clone());
        self.indexes.push(Change::CreateIndex {
            table: table.to_owned(),
            name,
            columns: columns.to_vec(),
            unique,
        });
    }
}

/// Says whether both name the same columns, in any order.
fn same(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().all(|name| other.contains(name))
}

/// How a column differs, in words.
fn differs(
    backend: DbBackend,
    column: &WantedColumn,
    native: &Column,
    found: &Column,
) -> Option<String> {
    let mut all = Vec::new();
    if !kind::fits(backend, column, &native.kind, &found.kind) {
        all.push(format!(
            "is `{}`, in the entity `{}`",
            found.kind, native.kind
        ));
    }
    match (found.nullable, column.nullable) {
        (true, false) => all.push("may be null, in the entity not".to_owned()),
        (false, true) => all.push("may not be null, in the entity it may".to_owned()),
        _ => {}
    }
    // a default that only the schema has serves rows that were there before the column
    if column.default.is_some() && native.default != found.default {
        let words = |default: &Option<String>| match default {
            Some(sql) => format!("`{sql}`"),
            None => "none".to_owned(),
        };
        all.push(format!(
            "has the default {}, in the entity {}",
            words(&found.default),
            words(&native.default)
        ));
    }
    if native.counts && !found.counts {
        all.push("is not counted by the database, in the entity it is".to_owned());
    }
    (!all.is_empty()).then(|| all.join("; "))
}
