//! The shape of a file: tables, records, fields.

use std::collections::HashMap;

use super::{
    fault::Fault,
    node::{Content, Member, Node, Position},
};

/// The records of a table, in their order.
pub(super) struct TableRecords {
    pub(super) name: String,
    pub(super) at: Position,
    pub(super) records: Vec<Record>,
}

/// A record, by its label or by its number in a list.
pub(super) struct Record {
    pub(super) label: String,
    pub(super) at: Position,
    pub(super) fields: Vec<Member>,
}

/// Reads the shape; `file` is the name in messages.
pub(super) fn tables(root: Node, file: &str) -> Result<Vec<TableRecords>, Fault> {
    let Content::Table(tables) = root.content else {
        let problem = "a file of records begins with the names of tables";
        return Err(Fault::new(problem)
            .at(file, root.at, "")
            .help("name the table: `[[products]]`, or `products:` with a list below it"));
    };
    unique(&tables, "", file)?;
    tables.into_iter().map(|it| table(it, file)).collect()
}

fn table(member: Member, file: &str) -> Result<TableRecords, Fault> {
    let Member { name, at, value } = member;
    let records = match value.content {
        Content::Table(records) => {
            unique(&records, &name, file)?;
            let records = records.into_iter();
            records
                .map(|it| record(&name, it.name, it.at, it.value, file))
                .collect::<Result<_, _>>()?
        }
        Content::List(records) => {
            let records = records.into_iter().enumerate();
            records
                .map(|(number, it)| record(&name, number.to_string(), it.at, it, file))
                .collect::<Result<_, _>>()?
        }
        Content::Value(serde_json::Value::Null) => Vec::new(),
        Content::Value(_) => {
            return Err(Fault::new(format!("`{name}` is no table of records"))
                .at(file, at, &name)
                .help("give it records by label, or a list of records"));
        }
    };
    Ok(TableRecords { name, at, records })
}

fn record(
    table: &str,
    label: String,
    at: Position,
    node: Node,
    file: &str,
) -> Result<Record, Fault> {
    let path = format!("{table}.{label}");
    let Content::Table(fields) = node.content else {
        return Err(Fault::new(format!("`{path}` is no record"))
            .at(file, at, &path)
            .help("give it fields, named as the columns of the table"));
    };
    unique(&fields, &path, file)?;
    Ok(Record { label, at, fields })
}

fn unique(members: &[Member], path: &str, file: &str) -> Result<(), Fault> {
    let mut seen = HashMap::with_capacity(members.len());
    for member in members {
        if let Some(first) = seen.insert(member.name.as_str(), member.at) {
            let path = match path {
                "" => member.name.clone(),
                path => format!("{path}.{}", member.name),
            };
            let problem = format!("`{}` stands twice, first at {first}", member.name);
            return Err(Fault::new(problem)
                .at(file, member.at, &path)
                .help("give one of them another name, or remove it"));
        }
    }
    Ok(())
}
