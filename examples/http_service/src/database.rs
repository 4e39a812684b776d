//! `SQLite` in memory, on tokio's threads for what blocks.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use traceme::{Flow, trace_scope, traced};

use crate::failure::Failure;

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Note {
    pub(crate) title: String,
    pub(crate) text: String,
}

#[derive(Clone)]
pub(crate) struct Database(Arc<Mutex<Connection>>);

impl Database {
    /// With a few notes in it.
    pub(crate) fn in_memory() -> rusqlite::Result<Self> {
        let mut connection = Connection::open_in_memory()?;
        sql::create(&mut connection)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Runs `work` on a thread where it may block. The flow goes there, too.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        flow: Flow,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let shared = Arc::clone(&self.0);
        let blocking = move || {
            trace_scope!("blocking", level = 2, flow_in = flow);
            let mut connection =
                trace_scope!("lock", level = 3, { shared.lock().unwrap_or_else(PoisonError::into_inner) });
            work(&mut connection)
        };
        // The thread is asked for inside the task, so that the flow leaves before it arrives.
        let done = traced!(async { spawn_blocking(blocking).await }, "database", level = 2, flow_out = flow).await;
        done.map_err(Failure::Pool)?.map_err(Failure::Database)
    }

    /// How many requests were counted, of all kinds.
    pub(crate) async fn counted(&self) -> Result<u64, Failure> {
        self.run(Flow::new(), sql::counted).await
    }
}

/// What is done with the database: ordinary functions, on whatever thread they are called.
pub(crate) mod sql {
    use rusqlite::{Connection, Result, params};
    use traceme::{append, step, traceme};

    use super::Note;

    /// How many notes there are at first.
    const NOTES: u64 = 500;

    #[traceme(level = 2)]
    pub(crate) fn create(database: &mut Connection) -> Result<()> {
        database.execute_batch(
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL);
             CREATE TABLE counts (what TEXT PRIMARY KEY, number INTEGER NOT NULL);",
        )?;
        let all = database.transaction()?;
        for number in 0..NOTES {
            let text = format!("what was thought of for the {number}th time, ").repeat(10);
            add(&all, &Note { title: format!("note {number}"), text })?;
        }
        all.commit()
    }

    #[traceme(level = 3)]
    pub(crate) fn add(database: &Connection, note: &Note) -> Result<i64> {
        database
            .prepare_cached("INSERT INTO notes (title, text) VALUES (?1, ?2)")?
            .execute(params![note.title, note.text])?;
        Ok(database.last_insert_rowid())
    }

    #[traceme(level = 2, meta(limit))]
    pub(crate) fn newest(database: &mut Connection, limit: u32) -> Result<Vec<Note>> {
        notes(database, "SELECT title, text FROM notes ORDER BY id DESC LIMIT ?1", limit)
    }

    #[traceme(level = 2, meta(bytes = word.len()))]
    pub(crate) fn search(database: &mut Connection, word: &str) -> Result<Vec<Note>> {
        notes(database, "SELECT title, text FROM notes WHERE text LIKE ?1 LIMIT 20", format!("%{word}%"))
    }

    #[traceme(level = 2)]
    pub(crate) fn number(database: &mut Connection) -> Result<u64> {
        database.query_row("SELECT count(*) FROM notes", [], |row| row.get(0))
    }

    /// Adds some requests to those that were counted; `batch` is how often that was done before.
    pub(crate) fn count(database: &mut Connection, batch: u64, answered: &[&str]) -> Result<()> {
        step!("write counts", batch, level = 2, meta(requests = answered.len()));
        let all = database.transaction()?;
        for what in answered {
            all.prepare_cached("INSERT INTO counts VALUES (?1, 1) ON CONFLICT DO UPDATE SET number = number + 1")?
                .execute([what])?;
        }
        all.commit()
    }

    #[traceme(level = 2)]
    pub(crate) fn counted(database: &mut Connection) -> Result<u64> {
        database.query_row("SELECT coalesce(sum(number), 0) FROM counts", [], |row| row.get(0))
    }

    /// Onto the span of the function that calls it: the innermost.
    fn notes(database: &Connection, query: &str, parameter: impl rusqlite::ToSql) -> Result<Vec<Note>> {
        let mut statement = database.prepare_cached(query)?;
        let found = statement.query_map([parameter], |row| Ok(Note { title: row.get(0)?, text: row.get(1)? }))?;
        let found = found.collect::<Result<Vec<_>>>()?;
        append!(rows = found.len());
        Ok(found)
    }
}
