//! `pnpm-lock.yaml`, versions 5 to 9: a scanner over the part that lists the importers, which every version
//! writes in block style with two spaces per level.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Broken, plain_version};

/// Versions by importer (`.`, `apps/a`) and package.
#[derive(Debug, Default)]
pub(super) struct PnpmLock {
    importers: FxHashMap<String, FxHashMap<String, String>>,
}

impl PnpmLock {
    /// What the importer's entry says.
    pub(super) fn version(&self, importer: &str, package: &str) -> Option<String> {
        let importer = if importer.is_empty() { "." } else { importer };
        self.importers.get(importer)?.get(package).cloned()
    }
}

/// Where the scanner is.
struct Scanner<'a> {
    wanted: &'a FxHashSet<&'a str>,
    lock: PnpmLock,
    /// The open keys, by level.
    keys: Vec<&'a str>,
}

/// Reads the importers' direct dependencies.
pub(super) fn parse<'a>(text: &'a str, wanted: &'a FxHashSet<&'a str>) -> Result<PnpmLock, Broken> {
    let mut scanner = Scanner { wanted, lock: PnpmLock::default(), keys: Vec::new() };
    let mut versioned = false;
    for line in text.lines() {
        let trimmed = line.trim_start_matches(' ');
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let indent = line.len() - trimmed.len();
        let Some((key, value)) = key_and_value(trimmed) else { continue };
        // Everything after the importers is the package graph, which is most of the file.
        if indent == 0 && matches!(key, "packages" | "snapshots") {
            break;
        }
        versioned |= key == "lockfileVersion";
        scanner.keys.truncate(indent / 2);
        scanner.keys.resize(indent / 2, "");
        scanner.keys.push(key);
        scanner.visit(value);
    }
    if versioned {
        Ok(scanner.lock)
    } else {
        Err(Broken { message: "It names no lockfileVersion".to_owned(), line: Some(1) })
    }
}

impl Scanner<'_> {
    /// Version 5 and 6 write the dependencies of a lone package at the top; newer ones and workspaces write
    /// `importers`. Up to version 5 a dependency's value is its version, later it stands one level deeper.
    fn visit(&mut self, value: &str) {
        let (importer, kind, rest) = match self.keys.as_slice() {
            ["importers", importer, kind, rest @ ..] => (*importer, *kind, rest),
            [kind, rest @ ..] => (".", *kind, rest),
            [] => return,
        };
        if !matches!(kind, "dependencies" | "devDependencies" | "optionalDependencies") {
            return;
        }
        let package = match rest {
            [package] if !value.is_empty() => *package,
            [package, "version"] => *package,
            _ => return,
        };
        if !self.wanted.contains(package) {
            return;
        }
        if let Some(version) = version_in(value) {
            self.lock.importers.entry(importer.to_owned()).or_default().insert(package.to_owned(), version);
        }
    }
}

/// `'@scope/x': 1.2.3` as key and value, both unquoted.
fn key_and_value(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = match line.strip_prefix('\'') {
        Some(quoted) => {
            let end = quoted.find('\'')?;
            (&quoted[..end], quoted[end + 1..].strip_prefix(':')?)
        }
        None => {
            let end = line.find(": ").or_else(|| line.ends_with(':').then(|| line.len() - 1))?;
            (&line[..end], &line[end + 1..])
        }
    };
    Some((key, rest.trim().trim_matches('\'')))
}

/// The version in `1.2.3(peer@1.0.0)`, `1.2.3_peer@1.0.0`, `/x/1.2.3` (an alias), `@scope/x@1.2.3`.
fn version_in(value: &str) -> Option<String> {
    let end = value.find(['(', '_']).filter(|&end| end > 0).unwrap_or(value.len());
    let value = &value[..end];
    plain_version(value).or_else(|| {
        let start = value.rfind(['@', '/'])?;
        let is_link = value.starts_with("link:") || value.starts_with("file:");
        if is_link { None } else { plain_version(&value[start + 1..]) }
    })
}
