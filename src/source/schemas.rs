//! Files that describe a database apart from the code: its kind, and its models with their fields.
//!
//! The format is that of `schema.prisma`: blocks `datasource db { provider = "…" }` and `model Name { field Type … }`.

use camino::{Utf8Path, Utf8PathBuf};

/// A description of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFile {
    /// Path relative to the root.
    pub path: Utf8PathBuf,
    /// The kind of database as the file names it; none where it is left to the environment or another file.
    pub provider: Option<String>,
    /// Its models.
    pub models: Vec<SchemaModel>,
}

/// A model of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaModel {
    /// Its name.
    pub name: String,
    /// Names of its fields, each with whether it is a list.
    pub fields: Vec<(String, bool)>,
}

/// Endings of such files.
const ENDINGS: &[&str] = &["prisma"];

/// Reads the schema files among `others`, sorted by path. What cannot be read describes nothing.
pub(super) fn read(root: &Utf8Path, others: &[Utf8PathBuf]) -> Vec<SchemaFile> {
    let is_schema = |path: &&Utf8PathBuf| path.extension().is_some_and(|ending| ENDINGS.contains(&ending));
    let mut files: Vec<SchemaFile> = others
        .iter()
        .filter(is_schema)
        .filter_map(|path| Some(parse(path, &std::fs::read_to_string(root.join(path)).ok()?)))
        .collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

fn parse(path: &Utf8Path, text: &str) -> SchemaFile {
    let mut file = SchemaFile { path: path.to_owned(), provider: None, models: Vec::new() };
    let mut block = "";
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        let mut words = line.split_whitespace();
        let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if line.ends_with('{') {
            block = first;
            if block == "model" {
                file.models.push(SchemaModel { name: second.to_owned(), fields: Vec::new() });
            }
        } else if line.starts_with('}') {
            block = "";
        } else if block == "datasource" && first == "provider" {
            file.provider = line.split('"').nth(1).map(str::to_owned);
        } else if block == "model"
            && !first.is_empty()
            && !first.starts_with('@')
            && let Some(model) = file.models.last_mut()
        {
            model.fields.push((first.to_owned(), second.ends_with("[]")));
        }
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_and_provider_are_read() {
        let text = "generator client {\n  provider = \"prisma-client-js\"\n}\ndatasource db {\n  provider = \"mysql\"\n}\n\
                    // model Old {\nmodel Room {\n  id String @id\n  users User[]\n  @@index([id])\n}\n";
        let file = parse(Utf8Path::new("schema.prisma"), text);
        assert_eq!(file.provider.as_deref(), Some("mysql"));
        let fields = vec![("id".to_owned(), false), ("users".to_owned(), true)];
        assert_eq!(file.models, [SchemaModel { name: "Room".to_owned(), fields }]);
    }

    #[test]
    fn a_provider_of_the_environment_is_none() {
        let file = parse(Utf8Path::new("a.prisma"), "datasource db {\n  provider = env(DB)\n}");
        assert_eq!((file.provider, file.models.len()), (None, 0));
    }
}
