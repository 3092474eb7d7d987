//! `atlas generate migration`.

use std::path::Path;

use super::{
    Day,
    columns::{self, Column},
    record::Record,
    wiring::Wire,
};
use crate::{
    Error, Exit, OrFail, Result,
    ops::{
        change::Plan,
        edit::{ChainCall, ModLine},
        fields::Fields,
        format,
        names::Words,
        service::Project,
    },
};

/// The folder of all migrations of a service.
pub(super) const FOLDER: &str = "src/migrations";
pub(super) const LIST: &str = "src/migrations/mod.rs";

/// What a migration shall do.
#[derive(Clone, Debug)]
pub struct NewMigration {
    /// In words: `add_phone_to_orders`, `create_orders`, `split_names`.
    pub name: Words,
    /// Columns that it adds or that its table has.
    pub fields: Fields,
    /// The day it is named after.
    pub day: Day,
    /// Two files of SQL, empty, instead of one of Rust.
    pub sql: bool,
}

impl NewMigration {
    /// Checks a name.
    ///
    /// # Errors
    /// When the name is not made of letters, digits and `_`, a letter first.
    pub fn name(name: &str) -> Result<Words> {
        let wrong = |why: &str| {
            Err(
                Error::usage(format!("`{name}` cannot be the name of a migration: {why}"))
                    .place("NAME")
                    .help("say what it does, for example `add_phone_to_orders`"),
            )
        };
        if !name.starts_with(|first: char| first.is_ascii_alphabetic())
            || !name
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '-'))
        {
            return wrong("it is not made of letters, digits and `_`, a letter first");
        }
        if name.len() > 80 {
            return wrong("it is longer than 80 letters");
        }
        Ok(Words::of(name))
    }
}

/// What the name says.
enum Intent {
    Create { table: String },
    Add { table: String },
    Other,
}

/// Plans a migration.
///
/// # Errors
/// When the fields do not fit what the name says, or a file cannot be read.
pub fn plan(project: &Project, new: &NewMigration) -> Result<Plan> {
    let file = file_name(&project.root, &new.name.snake(), new.day)?;
    if new.sql {
        return plan_sql(project, new, &file);
    }
    let text = format::rust(render(new)?, &project.root);
    let mut plan = Plan::new(&project.root);
    let path = format!("{FOLDER}/{file}.rs");
    let mut record = Record::new(
        std::iter::once(new.name.snake())
            .chain(new.fields.iter().map(ToString::to_string))
            .collect(),
    );
    record.note(&path, text.as_bytes());
    plan.write(&path, text)?;
    for wire in wires(&file, &new.name.camel()) {
        wire.insert(&mut plan)?;
    }
    plan.edit(
        &Record::path("migration", &file),
        record.to_toml(
            &format!("atlas generate migration {}", record.arguments.join(" ")),
            &format!("atlas destroy migration {}", new.name.snake()),
        ),
    )?;
    Ok(plan)
}

/// Plans a migration that is two files of SQL.
fn plan_sql(project: &Project, new: &NewMigration, file: &str) -> Result<Plan> {
    if !new.fields.is_empty() {
        return Err(
            Error::usage("a migration of SQL is written by hand, so it takes no fields")
                .place("FIELD")
                .help("leave the fields out, or leave `--sql` out"),
        );
    }
    let mut plan = Plan::new(&project.root);
    let mut record = Record::new(vec![new.name.snake(), SQL.to_owned()]);
    let sentence = new.name.sentence();
    for (path, text) in sql_files(file, &sentence) {
        record.note(&path, text.as_bytes());
        plan.write(&path, text)?;
    }
    sql_wire(file).insert(&mut plan)?;
    plan.edit(
        &Record::path("migration", file),
        record.to_toml(
            &format!("atlas generate migration {} {SQL}", new.name.snake()),
            &format!("atlas destroy migration {}", new.name.snake()),
        ),
    )?;
    Ok(plan)
}

/// What marks a migration of SQL among the arguments of its record.
const SQL: &str = "--sql";

/// The two files, with what they hold at first.
fn sql_files(file: &str, sentence: &str) -> [(String, String); 2] {
    let marks = "-- a line `-- atlas: …` says what statements cannot: https://docs.rs/atlas-kit-db (`SqlMigration`)";
    [
        (
            format!("{FOLDER}/{file}.up.sql"),
            format!("-- {sentence}.\n{marks}\n"),
        ),
        (
            format!("{FOLDER}/{file}.down.sql"),
            format!("-- {sentence}: the way back.\n"),
        ),
    ]
}

/// The line that makes a migration of SQL known.
fn sql_wire(file: &str) -> Wire {
    let call = ChainCall::new(
        "module",
        "Module",
        "contribute",
        &format!("|| atlas::db::sql_migration!({file:?})"),
    );
    Wire::call(LIST, "the chain of `fn module`", call)
}

/// Plans to take a migration back.
///
/// # Errors
/// When no such migration was generated, or it belongs to a module.
pub fn destroy(project: &Project, name: &Words) -> Result<Plan> {
    let file = existing(&project.root, &name.snake())?.ok_or_else(|| {
        Error::usage(format!("there is no migration `{name}`"))
            .place(project.root.join(FOLDER).display())
            .help("list them: `atlas migrate status`")
    })?;
    let Some(record) = Record::read(&project.root, "migration", &file)? else {
        return Err(Error::usage(format!(
            "`{file}` was not made by `atlas generate migration`"
        ))
        .place(format!("{FOLDER}/{file}.rs"))
        .help("a migration of a module goes with it: `atlas destroy module NAME`")
        .help(format!(
            "remove the file and its two lines in `{LIST}` by hand"
        )));
    };
    if record.arguments.iter().any(|argument| argument == SQL) {
        let mut plan = Plan::new(&project.root);
        for (path, written) in sql_files(&file, &name.sentence()) {
            plan.remove(
                &path,
                |now| record.is_as_written(&path, now),
                Some(written.into_bytes()),
            )?;
        }
        sql_wire(&file).remove(&mut plan)?;
        plan.remove(&Record::path("migration", &file), |_| true, None)?;
        return Ok(plan);
    }
    let fields = Fields::parse(record.arguments.iter().skip(1)).ok();
    let written = fields.and_then(|fields| {
        let new = NewMigration {
            name: name.clone(),
            fields,
            day: Day::of(0),
            sql: false,
        };
        Some(format::rust(render(&new).ok()?, &project.root).into_bytes())
    });
    let mut plan = Plan::new(&project.root);
    let path = format!("{FOLDER}/{file}.rs");
    plan.remove(&path, |now| record.is_as_written(&path, now), written)?;
    for wire in wires(&file, &name.camel()) {
        wire.remove(&mut plan)?;
    }
    plan.remove(&Record::path("migration", &file), |_| true, None)?;
    Ok(plan)
}

/// The two lines that make a migration known.
pub(super) fn wires(file: &str, migration: &str) -> [Wire; 2] {
    let call = ChainCall::new(
        "module",
        "Module",
        "contribute",
        &format!("|| migration({file}::{migration})"),
    );
    [
        Wire::module(LIST, ModLine::private(file)),
        Wire::call(LIST, "the chain of `fn module`", call),
    ]
}

/// The file of a migration without `.rs`: that of the same name that is there, else the next number of the day.
pub(super) fn file_name(root: &Path, name: &str, day: Day) -> Result<String> {
    if let Some(file) = existing(root, name)? {
        return Ok(file);
    }
    Ok(format!("{}_{name}", next_number(&files(root)?, day)))
}

/// What the next migration begins with: `m20261122_000001`. It is after all others, even if their days lie ahead.
pub(super) fn next_number(files: &[String], day: Day) -> String {
    let day = day.to_string();
    let last = files.iter().filter_map(|file| {
        let (day, rest) = file.strip_prefix('m')?.split_once('_')?;
        let number: u32 = rest.split_once('_')?.0.parse().ok()?;
        Some((day.to_owned(), number))
    });
    let (day, number) = match last.max() {
        Some((last, number)) if last >= day => (last, number + 1),
        _ => (day, 1),
    };
    format!("m{day}_{number:06}")
}

/// The file of the migration of this name, if there is one.
fn existing(root: &Path, name: &str) -> Result<Option<String>> {
    Ok(files(root)?.into_iter().find(|file| {
        let mut parts = file.splitn(3, '_');
        parts.nth(2) == Some(name) || file == name
    }))
}

/// The names of all migrations, without the endings of their files.
pub(super) fn files(root: &Path) -> Result<Vec<String>> {
    let folder = root.join(FOLDER);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::new(format!("this service has no folder `{FOLDER}`"))
                .exit(Exit::Check)
                .place(root.display())
                .help("make the folder with a `mod.rs` as `atlas new` does, and add it to `src/lib.rs`"));
        }
        Err(error) => return Err(error).or_fail(|| format!("cannot read `{}`", folder.display())),
    };
    let mut files: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| {
            let stem = name.strip_suffix(".rs").or(name.strip_suffix(".up.sql"));
            stem.map(ToOwned::to_owned)
        })
        .filter(|name| name != "mod")
        .collect();
    files.sort();
    Ok(files)
}

fn intent(name: &str) -> Intent {
    if let Some(table) = name.strip_prefix("create_") {
        return Intent::Create {
            table: table.to_owned(),
        };
    }
    match name
        .strip_prefix("add_")
        .and_then(|rest| rest.rsplit_once("_to_"))
    {
        Some((_, table)) => Intent::Add {
            table: table.to_owned(),
        },
        None => Intent::Other,
    }
}

fn render(new: &NewMigration) -> Result<String> {
    let name = new.name.snake();
    let columns: Vec<Column> = new.fields.iter().flat_map(Column::of).collect();
    let mut builders = Vec::new();
    let (up, down) = match intent(&name) {
        Intent::Create { table } if !columns.is_empty() => {
            builders.extend(["ColumnDef", "Table"]);
            let key = "ColumnDef::new(\"id\").uuid().not_null().primary_key()".to_owned();
            let columns: String = std::iter::once(key)
                .chain(columns.iter().map(Column::define))
                .map(|column| format!(".col({column})"))
                .collect();
            let mut up = format!("schema.execute(Table::create().table({table:?}){columns});");
            for index in new
                .fields
                .iter()
                .filter_map(|field| columns::index(&table, field))
            {
                builders.push("Index");
                up.push_str(&format!("schema.execute({index});"));
            }
            (up, format!("schema.drop_table({table:?});"))
        }
        Intent::Add { table } if !columns.is_empty() => {
            builders.push("ColumnDef");
            let mut up = String::new();
            for column in &columns {
                let Some(add) = column.add() else {
                    return Err(Error::usage(format!(
                        "`{}` has no value for the rows that are there already",
                        column.name
                    ))
                    .place(format!("`{name}`"))
                    .help("let it be absent: put a `?` behind its type"));
                };
                up.push_str(&format!("schema.add_column({table:?}, {add});"));
            }
            for index in new
                .fields
                .iter()
                .filter_map(|field| columns::index(&table, field))
            {
                builders.push("Index");
                up.push_str(&format!("schema.execute({index});"));
            }
            let mut down = String::new();
            for field in new
                .fields
                .iter()
                .filter(|field| field.unique || field.index)
            {
                builders.push("Index");
                let index = columns::index_name(&table, field);
                down.push_str(&format!(
                    "schema.execute(Index::drop().name({index:?}).table({table:?}));"
                ));
            }
            for column in columns.iter().rev() {
                down.push_str(&format!(
                    "schema.drop_column({table:?}, {:?});",
                    column.name
                ));
            }
            (up, down)
        }
        _ if !columns.is_empty() => {
            return Err(Error::usage(format!("`{name}` does not say what to do with the fields"))
                .place("NAME")
                .help("call it `create_TABLE` or `add_SOMETHING_to_TABLE`, or leave the fields out"));
        }
        _ => (String::new(), String::new()),
    };
    builders.sort_unstable();
    builders.dedup();
    let imports = match builders.as_slice() {
        [] => String::new(),
        builders => format!(",\n    sea_orm::sea_query::{{{}}}", builders.join(", ")),
    };
    let schema = if up.is_empty() { "_schema" } else { "schema" };
    let sentence = new.name.sentence();
    Ok(format!(
        "//! {sentence}.\n\n\
         use atlas::db::{{\n    Migration, Schema, file_name{imports},\n}};\n\n\
         /// {sentence}.\n\
         pub(super) struct {};\n\n\
         impl Migration for {} {{\n\
         \x20   fn name(&self) -> &'static str {{\n        file_name(file!())\n    }}\n\n\
         \x20   fn up(&self, {schema}: &mut Schema) {{{up}}}\n\n\
         \x20   fn down(&self, {schema}: &mut Schema) {{{down}}}\n\
         }}\n",
        new.name.camel(),
        new.name.camel(),
    ))
}
