//! PostgreSQL: the catalog of the current schema.

use super::{foreign_keys, indexes, maybe, rows, table, text, yes};
use crate::{
    Db, Error,
    diff::shape::{Column, Table},
};

const COLUMNS: &str = "\
SELECT c.relname::text AS tbl, a.attname::text AS col, format_type(a.atttypid, a.atttypmod) AS kind, \
CASE WHEN a.attnotnull THEN 'no' ELSE 'yes' END AS nullable, pg_get_expr(d.adbin, d.adrelid) AS fallback, \
CASE WHEN a.attgenerated <> '' THEN 'yes' ELSE 'no' END AS generated, \
CASE WHEN a.attidentity <> '' THEN 'yes' ELSE 'no' END AS counts \
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') \
AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum";

const INDEXES: &str = "\
SELECT t.relname::text AS tbl, i.relname::text AS name, \
CASE WHEN x.indisunique THEN 'yes' ELSE 'no' END AS is_unique, \
CASE WHEN x.indisprimary THEN 'yes' ELSE 'no' END AS is_primary, \
CASE WHEN EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = x.indexrelid AND o.contype IN ('p', 'u', 'x')) \
THEN 'yes' ELSE 'no' END AS is_constraint, \
CASE WHEN x.indpred IS NOT NULL OR x.indexprs IS NOT NULL THEN 'yes' ELSE 'no' END AS is_partial, \
a.attname::text AS col \
FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid \
CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS k(num, seq) \
LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.num AND k.num <> 0 \
WHERE t.relnamespace = current_schema()::regnamespace AND k.seq <= x.indnkeyatts \
ORDER BY t.relname, i.relname, k.seq";

const FOREIGN_KEYS: &str = "\
SELECT t.relname::text AS tbl, o.oid::text AS id, o.conname::text AS name, r.relname::text AS to_tbl, \
a.attname::text AS col, b.attname::text AS to_col, o.confdeltype::text AS on_delete, o.confupdtype::text AS on_update \
FROM pg_constraint o JOIN pg_class t ON t.oid = o.conrelid JOIN pg_class r ON r.oid = o.confrelid \
CROSS JOIN LATERAL unnest(o.conkey, o.confkey) WITH ORDINALITY AS k(num, ref, seq) \
JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.num \
JOIN pg_attribute b ON b.attrelid = o.confrelid AND b.attnum = k.ref \
WHERE o.contype = 'f' AND o.connamespace = current_schema()::regnamespace ORDER BY t.relname, o.conname, k.seq";

/// All tables of the current schema.
pub(super) async fn tables(db: &Db) -> Result<Vec<Table>, Error> {
    let mut tables = Vec::new();
    for row in rows(db, COLUMNS).await? {
        let default = maybe(&row, "fallback")?;
        let serial = default
            .as_deref()
            .is_some_and(|it| it.starts_with("nextval("));
        table(&mut tables, &text(&row, "tbl")?)
            .columns
            .push(Column {
                name: text(&row, "col")?,
                kind: text(&row, "kind")?,
                nullable: yes(&row, "nullable")?,
                default: default.filter(|_| !serial),
                counts: serial || yes(&row, "counts")?,
                generated: yes(&row, "generated")?,
            });
    }
    indexes(db, &mut tables, INDEXES).await?;
    foreign_keys(db, &mut tables, FOREIGN_KEYS).await?;
    Ok(tables)
}
