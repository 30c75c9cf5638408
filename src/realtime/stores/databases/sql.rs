//! What SQL statements say: which table, what is done to it, which columns are written.

use crate::realtime::stores::accesses::Verb;

/// A statement's table, what is done to it (none where it is declared), and the columns that it names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement {
    /// The table.
    pub table: String,
    /// What is done to it.
    pub verb: Option<Verb>,
    /// Columns that are written or declared.
    pub columns: Vec<String>,
}

/// Words that start a query.
const STATEMENTS: &[&str] =
    &["INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "UPSERT", "SELECT", "WITH", "CREATE"];

/// Whether a text is a statement rather than a name or key.
pub(super) fn looks_like_statement(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    text.trim().contains(char::is_whitespace) && STATEMENTS.contains(&first.as_str())
}

/// The table that a query's text changes, reads or declares.
pub(super) fn statement(text: &str) -> Option<Statement> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let position = |word: &str| words.iter().position(|each| each.eq_ignore_ascii_case(word));
    let after = |word: &str| words.get(position(word)? + 1).map(|table| table_name(table));
    let has = |word: &str| position(word).is_some();
    let begins = |word: &str| words.first().is_some_and(|first| first.eq_ignore_ascii_case(word));
    let (table, verb, columns) = if begins("CREATE") {
        (after("EXISTS").or_else(|| after("TABLE"))?, None, listed_columns(text))
    } else if has("INSERT") || has("REPLACE") || has("MERGE") || has("UPSERT") {
        (after("INTO")?, Some(Verb::Write), listed_columns(text))
    } else if has("DELETE") {
        (after("FROM")?, Some(Verb::Remove), Vec::new())
    } else if begins("UPDATE") {
        (after("UPDATE")?, Some(Verb::Write), assigned_columns(text))
    } else {
        (after("FROM")?, Some(Verb::Read), Vec::new())
    };
    Some(Statement { table, verb, columns })
}

/// The names in the first list in parentheses: `(chat_id, text)`, `(id SERIAL, body TEXT)`.
fn listed_columns(text: &str) -> Vec<String> {
    let Some((_, list)) = text.split_once('(') else { return Vec::new() };
    let mut depth = 0_u32;
    let end = list.find(|char| {
        match char {
            '(' => depth += 1,
            ')' if depth == 0 => return true,
            ')' => depth -= 1,
            _ => {}
        }
        false
    });
    let list = end.map_or(list, |end| &list[..end]);
    let names = list.split(',').filter_map(|column| column.split_whitespace().next());
    names.map(table_name).filter(|name| !name.is_empty() && name != "*").collect()
}

/// The columns that `SET a = 1, b = 2` assigns.
fn assigned_columns(text: &str) -> Vec<String> {
    let lower = text.to_ascii_lowercase();
    let Some(start) = lower.find(" set ") else { return Vec::new() };
    let end = lower[start..].find(" where ").map_or(text.len(), |end| start + end);
    let assigned = text.get(start + 5..end).unwrap_or_default().split(',');
    assigned.filter_map(|each| each.split_once('=')).map(|(name, _)| table_name(name.trim())).collect()
}

/// A table's name without quotes, schema and column list.
fn table_name(word: &str) -> String {
    let word = word.split('(').next().unwrap_or(word);
    let plain: String =
        word.chars().filter(|each| each.is_alphanumeric() || matches!(each, '_' | '.' | '*')).collect();
    plain.rsplit('.').next().unwrap_or(&plain).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_name_tables_and_columns() {
        for (text, table, verb, columns) in [
            (
                "INSERT INTO chats_users(chat_id, user_id) VALUES(*, *)",
                "chats_users",
                Some(Verb::Write),
                "chat_id user_id",
            ),
            ("insert into \"public\".\"messages\" (text) values ($1)", "messages", Some(Verb::Write), "text"),
            ("UPDATE users SET online = $1, seen = now() WHERE id = $2", "users", Some(Verb::Write), "online seen"),
            ("DELETE FROM cards WHERE game_lobby_id = $1", "cards", Some(Verb::Remove), ""),
            ("SELECT * FROM rooms", "rooms", Some(Verb::Read), ""),
            ("CREATE TABLE IF NOT EXISTS log (id SERIAL, body VARCHAR(255))", "log", None, "id body"),
        ] {
            let found = statement(text).unwrap();
            assert_eq!(
                (found.table.as_str(), found.verb, found.columns.join(" ").as_str()),
                (table, verb, columns)
            );
        }
        assert!(!looks_like_statement("insert"));
        assert!(!looks_like_statement("room:* messages"));
    }
}
