//! Perfetto's trace processor: what is behind its web page, and answers in SQL.

use std::path::PathBuf;

use serde_json::Value;

use crate::node;

/// A value in a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Float(f64),
    Str(String),
}

pub(crate) type Row = Vec<Cell>;

/// What a statement gives.
#[derive(Debug, PartialEq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// What the trace processor didn't understand in a trace, or dropped.
const PROBLEMS: &str =
    "SELECT name, value FROM stats WHERE severity IN ('error', 'data_loss') AND value > 0 ORDER BY name";

/// A trace in a file, which the trace processor loads anew for each call: ask for many tables at once.
pub(crate) struct Processor {
    path: PathBuf,
}

impl Processor {
    pub(crate) fn load(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// One table for each statement. Fails if the trace has problems, too.
    #[track_caller]
    pub(crate) fn query(&self, statements: &[&str]) -> Vec<Table> {
        let (tables, problems) = self.query_damaged(statements);
        assert!(problems.is_empty(), "problems in {}: {problems:?}", self.path.display());
        tables
    }

    /// One table for each statement, and the names and counts of the problems.
    #[track_caller]
    pub(crate) fn query_damaged(&self, statements: &[&str]) -> (Vec<Table>, Vec<Row>) {
        let statements = [statements, &[PROBLEMS]].concat();
        let mut tables = self.try_query(&statements).unwrap_or_else(|error| panic!("{}: {error}", self.path.display()));
        let problems = tables.pop().unwrap().rows;
        (tables, problems)
    }

    /// Fails with the trace processor's complaint if it refuses the trace or a statement.
    pub(crate) fn try_query(&self, statements: &[&str]) -> Result<Vec<Table>, String> {
        let statements = Value::from(statements).to_string();
        let tables = node::run("trace_processor.mjs", &self.path, &statements)?;
        Ok(list(tables).into_iter().map(table).collect())
    }

    /// The rows of a single statement.
    #[track_caller]
    pub(crate) fn rows(&self, statement: &str) -> Vec<Row> {
        self.query(&[statement]).remove(0).rows
    }

    /// Checks what statements give.
    #[track_caller]
    pub(crate) fn assert_rows<const N: usize>(&self, expected: [(&str, Vec<Row>); N]) {
        let (statements, rows): (Vec<_>, Vec<_>) = expected.into_iter().unzip();
        let tables = self.query(&statements);
        for ((statement, expected), table) in statements.iter().zip(rows).zip(tables) {
            assert_eq!(table.rows, expected, "{}: {statement}", self.path.display());
        }
    }
}

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values,
        value => panic!("not a list: {value}"),
    }
}

fn table(mut value: Value) -> Table {
    let columns = list(value["columns"].take()).iter().map(|name| name.as_str().unwrap().into()).collect();
    let rows = list(value["rows"].take()).into_iter().map(|row| list(row).into_iter().map(Cell::read).collect());
    Table { columns, rows: rows.collect() }
}

impl Cell {
    fn read(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::String(text) => Self::Str(text),
            Value::Number(number) => Self::Int(number.as_i64().unwrap()),
            value => Self::Float(value["float"].as_str().unwrap().parse().unwrap()),
        }
    }
}

impl From<()> for Cell {
    fn from((): ()) -> Self {
        Self::Null
    }
}

impl From<i64> for Cell {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Cell {
    fn from(value: &str) -> Self {
        Self::Str(value.into())
    }
}

/// Rows of cells; `()` stands for NULL.
macro_rules! rows {
    ($([$($cell:expr),+]),* $(,)?) => {
        Vec::<crate::processor::Row>::from([$(vec![$($cell.into()),+]),*])
    };
}
pub(crate) use rows;
