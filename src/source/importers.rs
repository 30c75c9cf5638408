//! Who imports whom, as far as paths tell: relative specifiers and the usual `@/` and `~/`. Roles are settled with
//! this before the real resolver exists; what it misses only leaves a file in its first role.

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashMap;

const EXTENSIONS: [&str; 8] = ["ts", "tsx", "js", "jsx", "mts", "cts", "mjs", "cjs"];

/// The project's files by path.
pub(super) struct FileIndex {
    files: FxHashMap<Utf8PathBuf, usize>,
}

impl FileIndex {
    /// Indexes files by their position.
    pub(super) fn new<'a>(paths: impl Iterator<Item = &'a Utf8Path>) -> Self {
        FileIndex { files: paths.enumerate().map(|(index, path)| (path.to_owned(), index)).collect() }
    }

    /// A file by its exact path.
    pub(super) fn get(&self, path: &Utf8Path) -> Option<usize> {
        self.files.get(path).copied()
    }

    /// The file that `specifier` means in `from`, whose package lies in `package`.
    pub(super) fn resolve(&self, from: &Utf8Path, package: &Utf8Path, specifier: &str) -> Option<usize> {
        if specifier.starts_with('.') {
            return self.probe(&normalize(from.parent()?, specifier)?);
        }
        let below = specifier.strip_prefix("@/").or_else(|| specifier.strip_prefix("~/"))?;
        ["src", "", "app"].iter().find_map(|folder| self.probe(&normalize(&package.join(folder), below)?))
    }

    /// A file at `path`, with an extension added or replaced, or the index of the folder.
    pub(super) fn probe(&self, path: &Utf8Path) -> Option<usize> {
        if let Some(index) = self.get(path) {
            return Some(index);
        }
        let written =
            path.as_str().rsplit_once('.').filter(|(_, end)| matches!(*end, "js" | "jsx" | "mjs" | "cjs"));
        let stems = [Some(path.as_str()), written.map(|(stem, _)| stem)];
        let beside = stems.into_iter().flatten().find_map(|stem| self.with_extension(stem));
        beside.or_else(|| self.with_extension(path.join("index").as_str()))
    }

    fn with_extension(&self, stem: &str) -> Option<usize> {
        EXTENSIONS.iter().find_map(|extension| self.get(Utf8Path::new(&format!("{stem}.{extension}"))))
    }
}

/// `folder/specifier` without `.` and `..`; none where it leaves the root.
pub(super) fn normalize(folder: &Utf8Path, specifier: &str) -> Option<Utf8PathBuf> {
    let mut parts: Vec<&str> = folder.as_str().split('/').filter(|part| !part.is_empty()).collect();
    for part in specifier.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_files_as_bundlers_do() {
        let paths = ["a/src/x.ts", "a/src/y/index.js", "a/z.tsx", "server.js"];
        let index = FileIndex::new(paths.iter().map(Utf8Path::new));
        let find = |from: &str, specifier: &str| index.resolve(Utf8Path::new(from), Utf8Path::new("a"), specifier);
        assert_eq!(find("a/src/m.ts", "./x.js"), Some(0));
        assert_eq!(find("a/src/m.ts", "./y"), Some(1));
        assert_eq!(find("a/src/m.ts", "../z"), Some(2));
        assert_eq!(find("a/src/m.ts", "@/x"), Some(0));
        assert_eq!(find("a/src/m.ts", "~/z"), Some(2));
        assert_eq!(find("a/src/m.ts", "../../server"), Some(3));
        assert_eq!(find("a/src/m.ts", "../../../server"), None);
        assert_eq!(find("a/src/m.ts", "react"), None);
    }
}
