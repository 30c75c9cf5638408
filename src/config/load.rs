//! Finds the settings of a root and reads them; every mistake is shown where it stands.

use std::ops::Range;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use miette::{Diagnostic, NamedSource, SourceSpan};
use serde::Deserialize;

use super::written::Written;
use super::{Config, SingleInstance};
use crate::source::{Location, ManifestFile, PathFilter, ProjectOptions, folder_of, read_optional, suggestion};

/// The file with the settings.
pub const FILE_NAME: &str = "crosscast.toml";

/// The settings of a project cannot be used.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {file}")]
    #[diagnostic(code(crosscast::config::unreadable))]
    Unreadable {
        /// Relative to the root.
        file: Utf8PathBuf,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// The file says something that means nothing.
    #[error("invalid settings: {message}")]
    #[diagnostic(code(crosscast::config::invalid))]
    Invalid {
        /// What is wrong.
        message: String,
        /// The file.
        #[source_code]
        source_code: Arc<NamedSource<String>>,
        /// The place.
        #[label("here")]
        span: Option<SourceSpan>,
        /// What was probably meant.
        #[help]
        help: Option<String>,
    },
}

/// A file with settings, and the folder that its paths are relative to.
struct Source {
    file: ManifestFile,
    folder: Utf8PathBuf,
}

/// Reads the settings of a root (a folder or one file); the defaults where there are none. The nearest file upwards
/// decides, and in one folder `crosscast.toml` goes before `package.json`. The search ends at a repository's top.
pub fn load(root: &Utf8Path) -> Result<Config, ConfigError> {
    // An unreadable root is the audit's own error.
    let Some(root) = folder_of(root) else { return Ok(Config::default()) };
    let mut prefix = Utf8PathBuf::new();
    for folder in root.ancestors() {
        let read = |name: &str| {
            let path = prefix.join(name);
            let unreadable = |error| ConfigError::Unreadable { file: path.clone(), error };
            let text = read_optional(folder, name).map_err(unreadable)?;
            let source =
                |text| Source { file: ManifestFile { path: path.clone(), text }, folder: folder.to_owned() };
            Ok::<_, ConfigError>(text.map(source))
        };
        if let Some(source) = read(FILE_NAME)? {
            return parse_toml(&source);
        }
        if let Some(source) = read("package.json")?
            && let Some(config) = parse_package_json(&source)?
        {
            return Ok(config);
        }
        if folder.join(".git").exists() {
            break;
        }
        prefix.push("..");
    }
    Ok(Config::default())
}

/// Reads settings from a file that the user names.
pub fn load_file(file: &Utf8Path) -> Result<Config, ConfigError> {
    let unreadable = |error| ConfigError::Unreadable { file: file.to_owned(), error };
    let text = std::fs::read_to_string(file).map_err(unreadable)?;
    let folder = folder_of(file).unwrap_or_default();
    let source = Source { file: ManifestFile { path: file.to_owned(), text }, folder };
    if file.extension() == Some("json") {
        return parse_package_json(&source).map(Option::unwrap_or_default);
    }
    parse_toml(&source)
}

fn parse_toml(source: &Source) -> Result<Config, ConfigError> {
    let text = &source.file.text;
    let wrong = |error: toml::de::Error| source.invalid(error.message(), error.span());
    let written: Written = toml::from_str(text).map_err(wrong)?;
    let offset = line_starting_with(text, "[deployment]").or_else(|| line_starting_with(text, "deployment"));
    source.accept(written, offset)
}

/// A manifest as far as it holds settings.
#[derive(Deserialize)]
struct Manifest {
    crosscast: Option<Written>,
}

/// None where the manifest holds no settings. A broken one holds none either: it is a problem of the audit.
fn parse_package_json(source: &Source) -> Result<Option<Config>, ConfigError> {
    let text = &source.file.text;
    // A mistake in a project's other keys is none of the settings'.
    let Some(key) = text.find("\"crosscast\"") else { return Ok(None) };
    match serde_json::from_str::<Manifest>(text.trim_start_matches('\u{feff}')) {
        Ok(manifest) => {
            let inside = text[key..].find("\"deployment\"").map(|offset| key + offset);
            manifest.crosscast.map(|written| source.accept(written, inside)).transpose()
        }
        Err(error) if error.is_data() => {
            let message = error.to_string();
            let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
            Err(source.invalid(message, Some(token_before(text, error.line(), error.column()))))
        }
        Err(_) => Ok(None),
    }
}

impl Source {
    /// Settings in force from settings as written; `deployment` is the offset of that table.
    fn accept(&self, written: Written, deployment: Option<usize>) -> Result<Config, ConfigError> {
        let place = deployment.unwrap_or_default();
        let single_instance = match written.deployment {
            Some(declared) if declared.reason.trim().is_empty() => {
                return Err(self.invalid("a single-instance deployment needs a `reason`", Some(place..place + 1)));
            }
            Some(declared) => {
                Some(SingleInstance { reason: declared.reason, location: line_at(&self.file, place) })
            }
            None => None,
        };
        let filter = PathFilter::new(&self.folder, &written.include, &written.exclude).map_err(|fault| {
            let place = self.file.text.find(&format!("\"{}\"", fault.pattern));
            self.invalid(&fault.message, place.map(|start| start..start + fault.pattern.len() + 2))
        })?;
        let defaults = ProjectOptions::default();
        let project = ProjectOptions {
            max_file_bytes: written.max_file_bytes.map_or(defaults.max_file_bytes, Into::into),
            filter,
            ..defaults
        };
        let rules = written.rules.iter().map(|folder| self.folder.join(folder)).collect();
        Ok(Config { checks: written.checks, single_instance, rules, project, ..Config::default() })
    }

    /// A mistake in this file. What serde says of unknown words becomes a suggestion.
    fn invalid(&self, message: &str, span: Option<Range<usize>>) -> ConfigError {
        let mut message = message.to_owned();
        let mut help = None;
        for (prefix, what) in [("unknown field `", "key"), ("unknown variant `", "word")] {
            let Some((written, rest)) = message.strip_prefix(prefix).and_then(|rest| rest.split_once('`')) else {
                continue;
            };
            let known: Vec<&str> = rest.split('`').skip(1).step_by(2).filter(|word| *word != "$schema").collect();
            help = Some(suggestion(written, known));
            message = format!("unknown {what} `{written}`");
            break;
        }
        let source_code = Arc::new(NamedSource::new(&self.file.path, self.file.text.clone()));
        ConfigError::Invalid { message, source_code, span: span.map(SourceSpan::from), help }
    }
}

/// The JSON token that ends at or before a position, which is where serde_json notices a mistake.
fn token_before(text: &str, line: usize, column: usize) -> Range<usize> {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut end = (start + column).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before =
        text[..end].trim_end_matches(|character: char| character.is_whitespace() || ",}]:".contains(character));
    let begin = match before.strip_suffix('"') {
        Some(inner) => inner.rfind('"').unwrap_or(0),
        None => before
            .rfind(|character: char| !character.is_alphanumeric() && !"+-.".contains(character))
            .map_or(0, |at| at + 1),
    };
    begin.min(before.len())..before.len()
}

/// Offset of the first line that starts with `word`.
fn line_starting_with(text: &str, word: &str) -> Option<usize> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with(word) {
            return Some(offset + line.len() - line.trim_start().len());
        }
        offset += line.len();
    }
    None
}

/// From an offset to the end of its line.
fn line_at(file: &ManifestFile, offset: usize) -> Location {
    let (before, after) = file.text.split_at(offset);
    let line = before.matches('\n').count() as u32 + 1;
    let units = |text: &str| text.encode_utf16().count() as u32;
    let column = units(before.rsplit('\n').next().unwrap_or_default()) + 1;
    let rest = after.lines().next().unwrap_or_default();
    Location { file: file.path.clone(), line, column, end_line: line, end_column: column + units(rest.trim_end()) }
}

#[cfg(test)]
pub(super) mod for_tests {
    use super::*;

    fn source(name: &str, text: &str) -> Source {
        Source { file: ManifestFile { path: name.into(), text: text.to_owned() }, folder: "/root".into() }
    }

    pub(crate) fn toml(text: &str) -> Result<Config, ConfigError> {
        parse_toml(&source(FILE_NAME, text))
    }

    pub(crate) fn json(text: &str) -> Result<Config, ConfigError> {
        parse_package_json(&source("package.json", text)).map(Option::unwrap_or_default)
    }
}
