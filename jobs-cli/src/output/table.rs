//! Columns of text.

use std::fmt;

use super::text::plain;

const BETWEEN: &str = "  ";

/// A table whose columns are as wide as what is in them.
#[derive(Debug)]
pub(crate) struct Table {
    head: Vec<Column>,
    rows: Vec<Vec<String>>,
}

#[derive(Debug)]
struct Column {
    name: &'static str,
    /// Numbers stand to the right.
    is_number: bool,
}

impl Table {
    /// A table with these columns; numbers are to stand in those whose name begins with `#`.
    pub(crate) fn new(columns: &[&'static str]) -> Self {
        let column = |name: &&'static str| Column {
            name: name.trim_start_matches('#'),
            is_number: name.starts_with('#'),
        };
        Self { head: columns.iter().map(column).collect(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| plain(&cell).into_owned()).collect());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn widths(&self) -> Vec<usize> {
        let cells = |column: usize| self.rows.iter().filter_map(move |row| row.get(column));
        let widest = |(number, column): (usize, &Column)| {
            let cells = cells(number).map(|cell| cell.chars().count());
            cells.chain([column.name.chars().count()]).max().unwrap_or_default()
        };
        self.head.iter().enumerate().map(widest).collect()
    }

    fn line(&self, widths: &[usize], cells: &[&str]) -> String {
        let mut line = String::new();
        for ((column, cell), width) in self.head.iter().zip(cells).zip(widths) {
            let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
            match column.is_number {
                true => line.extend([padding.as_str(), cell, BETWEEN]),
                false => line.extend([cell, padding.as_str(), BETWEEN]),
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        let head: Vec<&str> = self.head.iter().map(|column| column.name).collect();
        writeln!(f, "{}", self.line(&widths, &head))?;
        for row in &self.rows {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            writeln!(f, "{}", self.line(&widths, &cells))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_are_aligned_and_cells_harmless() {
        let mut table = Table::new(&["QUEUE", "#JOBS", "STATE"]);
        table.row(["mail".to_owned(), "7".to_owned(), "runs".to_owned()]);
        table.row(["größer\x07".to_owned(), "1200".to_owned(), String::new()]);
        assert_eq!(
            table.to_string(),
            "QUEUE        JOBS  STATE\nmail            7  runs\ngrößer\\u{7}  1200\n"
        );
    }
}
