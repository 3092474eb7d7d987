//! SQLite: pragmas, read as tables.

use super::{foreign_keys, indexes, maybe, rows, table, text, yes};
use crate::{
    Db, Error,
    diff::shape::{Column, Table},
};

const COLUMNS: &str = "\
SELECT m.name AS tbl, c.name AS col, lower(c.type) AS kind, c.dflt_value AS fallback, \
CASE WHEN c.\"notnull\" OR c.pk THEN 'no' ELSE 'yes' END AS nullable, \
CASE WHEN c.hidden IN (2, 3) THEN 'yes' ELSE 'no' END AS generated, \
CASE WHEN lower(c.type) = 'integer' AND c.pk = 1 THEN 'yes' ELSE 'no' END AS counts \
FROM sqlite_schema AS m JOIN pragma_table_xinfo(m.name) AS c \
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND c.hidden <> 1 ORDER BY m.name, c.cid";

const PRIMARY: &str = "\
SELECT m.name AS tbl, '' AS name, 'yes' AS is_unique, 'yes' AS is_primary, 'yes' AS is_constraint, \
'no' AS is_partial, c.name AS col \
FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c \
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND c.pk > 0 ORDER BY m.name, c.pk";

const INDEXES: &str = "\
SELECT m.name AS tbl, i.name AS name, 'no' AS is_primary, \
CASE WHEN i.\"unique\" THEN 'yes' ELSE 'no' END AS is_unique, \
CASE WHEN i.origin = 'u' THEN 'yes' ELSE 'no' END AS is_constraint, \
CASE WHEN i.partial THEN 'yes' ELSE 'no' END AS is_partial, c.name AS col \
FROM sqlite_schema AS m JOIN pragma_index_list(m.name) AS i JOIN pragma_index_info(i.name) AS c \
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND i.origin <> 'pk' ORDER BY m.name, i.name, c.seqno";

const FOREIGN_KEYS: &str = "\
SELECT m.name AS tbl, CAST(f.id AS TEXT) AS id, NULL AS name, f.\"table\" AS to_tbl, f.\"from\" AS col, \
f.\"to\" AS to_col, f.on_delete, f.on_update \
FROM sqlite_schema AS m JOIN pragma_foreign_key_list(m.name) AS f \
WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq";

/// All tables but those of SQLite itself.
pub(super) async fn tables(db: &Db) -> Result<Vec<Table>, Error> {
    let mut tables = Vec::new();
    for row in rows(db, COLUMNS).await? {
        table(&mut tables, &text(&row, "tbl")?)
            .columns
            .push(Column {
                name: text(&row, "col")?,
                kind: text(&row, "kind")?,
                nullable: yes(&row, "nullable")?,
                default: maybe(&row, "fallback")?,
                counts: yes(&row, "counts")?,
                generated: yes(&row, "generated")?,
            });
    }
    indexes(db, &mut tables, PRIMARY).await?;
    indexes(db, &mut tables, INDEXES).await?;
    foreign_keys(db, &mut tables, FOREIGN_KEYS).await?;
    // a reference that names no columns means the key of the other table
    let keys: Vec<(String, Vec<String>)> = tables
        .iter()
        .map(|table| (table.name.clone(), table.primary_key.clone()))
        .collect();
    for key in tables
        .iter_mut()
        .flat_map(|table| &mut table.foreign_keys)
        .filter(|key| key.to_columns.is_empty())
    {
        let primary = keys.iter().find(|(name, _)| *name == key.to_table);
        key.to_columns = primary.map(|(_, key)| key.clone()).unwrap_or_default();
    }
    Ok(tables)
}
