//! MySQL and MariaDB: `information_schema` of the current database.
//!
//! Its texts come as binary from some versions, hence the casts.

use super::{foreign_keys, indexes, maybe, rows, table, text, yes};
use crate::{
    Db, Error,
    diff::shape::{Column, Table},
};

const COLUMNS: &str = "\
SELECT CAST(c.table_name AS CHAR) AS tbl, CAST(c.column_name AS CHAR) AS col, \
CAST(lower(c.column_type) AS CHAR) AS kind, CAST(c.column_default AS CHAR) AS fallback, \
CAST(lower(c.is_nullable) AS CHAR) AS nullable, CAST(lower(c.extra) AS CHAR) AS extra \
FROM information_schema.columns c JOIN information_schema.tables t \
ON t.table_schema = c.table_schema AND t.table_name = c.table_name \
WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' ORDER BY c.table_name, c.ordinal_position";

const INDEXES: &str = "\
SELECT CAST(table_name AS CHAR) AS tbl, CAST(index_name AS CHAR) AS name, \
CASE WHEN non_unique = 0 THEN 'yes' ELSE 'no' END AS is_unique, \
CASE WHEN index_name = 'PRIMARY' THEN 'yes' ELSE 'no' END AS is_primary, \
'no' AS is_constraint, 'no' AS is_partial, CAST(column_name AS CHAR) AS col \
FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index";

const FOREIGN_KEYS: &str = "\
SELECT CAST(k.table_name AS CHAR) AS tbl, CAST(k.constraint_name AS CHAR) AS id, \
CAST(k.constraint_name AS CHAR) AS name, CAST(k.referenced_table_name AS CHAR) AS to_tbl, \
CAST(k.column_name AS CHAR) AS col, CAST(k.referenced_column_name AS CHAR) AS to_col, \
CAST(r.delete_rule AS CHAR) AS on_delete, CAST(r.update_rule AS CHAR) AS on_update \
FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r \
ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name \
WHERE k.table_schema = DATABASE() AND k.referenced_table_name IS NOT NULL \
ORDER BY k.table_name, k.constraint_name, k.ordinal_position";

/// All tables of the current database.
pub(super) async fn tables(db: &Db) -> Result<Vec<Table>, Error> {
    let mut tables = Vec::new();
    for row in rows(db, COLUMNS).await? {
        let extra = maybe(&row, "extra")?.unwrap_or_default();
        table(&mut tables, &text(&row, "tbl")?)
            .columns
            .push(Column {
                name: text(&row, "col")?,
                kind: text(&row, "kind")?,
                nullable: yes(&row, "nullable")?,
                // MariaDB says `NULL` where there is none
                default: maybe(&row, "fallback")?.filter(|it| !it.eq_ignore_ascii_case("null")),
                counts: extra.contains("auto_increment"),
                // `default_generated` only says that the default is an expression
                generated: extra.contains("virtual generated")
                    || extra.contains("stored generated"),
            });
    }
    indexes(db, &mut tables, INDEXES).await?;
    foreign_keys(db, &mut tables, FOREIGN_KEYS).await?;
    Ok(tables)
}
