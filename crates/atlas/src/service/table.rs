//! Columns of text.

/// Aligns rows in columns, two spaces apart; the first row is the head. The last column is not filled.
pub(super) fn align<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = head.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    let head = head.map(str::to_owned);
    for row in std::iter::once(&head).chain(rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(&format!("{cell:<width$}  "));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// A line a row, a tab between two cells, no head: for `cut`, `awk` and `while read`. What would break a line or a cell is
/// a space.
pub(super) fn plain<const N: usize>(rows: &[[String; N]]) -> String {
    let mut out = String::new();
    for row in rows {
        let cells = row
            .each_ref()
            .map(|cell| cell.replace(['\t', '\n', '\r'], " "));
        out.push_str(&cells.join("\t"));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{align, plain};

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            ["GET".to_owned(), "/a".to_owned()],
            ["DELETE".to_owned(), String::new()],
        ];
        assert_eq!(
            align(["method", "path"], &rows),
            "method  path\nGET     /a\nDELETE\n"
        );
    }

    #[test]
    fn plain_rows_are_lines_of_cells_between_tabs() {
        let rows = [
            ["GET".to_owned(), "/a b".to_owned()],
            ["two\nlines".to_owned(), String::new()],
        ];
        assert_eq!(plain(&rows), "GET\t/a b\ntwo lines\t\n");
    }
}
