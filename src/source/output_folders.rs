//! Build output that lies in the tree. `dist/`, `build/`, `out/` and `coverage/` usually hold what a compiler wrote,
//! but a folder of that name can be hand-written, or be all there is.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashSet;

use super::languages;

/// Names of folders that build tools write to.
const OUTPUT: [&str; 4] = ["dist", "build", "out", "coverage"];
/// Names of folders that hold output in some packages and source in others.
const PERHAPS_OUTPUT: [&str; 4] = ["lib", "es", "esm", "cjs"];

/// Removes build output from `sources` and returns it.
pub(super) fn remove(sources: &mut Vec<Utf8PathBuf>, others: &[Utf8PathBuf]) -> Vec<Utf8PathBuf> {
    let manifests = others.iter().filter(|path| path.file_name() == Some("package.json"));
    let packages: FxHashSet<Utf8PathBuf> =
        manifests.filter_map(|path| path.parent()).map(Utf8Path::to_owned).chain([Utf8PathBuf::new()]).collect();
    let mut candidates: BTreeMap<&Utf8Path, Vec<&Utf8Path>> = BTreeMap::new();
    for path in sources.iter() {
        for folder in path.ancestors().skip(1).filter(|folder| suggests_output(folder, &packages)) {
            candidates.entry(folder).or_default().push(path);
        }
    }
    let known: FxHashSet<&Utf8Path> = sources.iter().map(Utf8PathBuf::as_path).collect();
    let output: FxHashSet<Utf8PathBuf> = candidates
        .iter()
        .filter(|(folder, files)| {
            Candidate { folder, files, packages: &packages, sources, known: &known }.is_output()
        })
        .map(|(folder, _)| folder.to_path_buf())
        .collect();
    let is_output = |path: &Utf8PathBuf| path.ancestors().skip(1).any(|each| output.contains(each));
    let (removed, kept) = std::mem::take(sources).into_iter().partition(is_output);
    *sources = kept;
    removed
}

/// Whether a folder's name and place suggest output.
fn suggests_output(folder: &Utf8Path, packages: &FxHashSet<Utf8PathBuf>) -> bool {
    let Some(name) = folder.file_name() else { return false };
    OUTPUT.contains(&name)
        || PERHAPS_OUTPUT.contains(&name) && folder.parent().is_some_and(|parent| packages.contains(parent))
}

/// A folder to decide about.
struct Candidate<'a> {
    folder: &'a Utf8Path,
    files: &'a [&'a Utf8Path],
    packages: &'a FxHashSet<Utf8PathBuf>,
    sources: &'a [Utf8PathBuf],
    known: &'a FxHashSet<&'a Utf8Path>,
}

impl Candidate<'_> {
    fn is_output(&self) -> bool {
        let name = self.folder.file_name().unwrap_or_default();
        if PERHAPS_OUTPUT.contains(&name) {
            return self.is_compiled_from_source();
        }
        // `src/build/…` is a module of the product.
        let in_source = self.folder.ancestors().skip(1).take_while(|each| !self.packages.contains(*each));
        if in_source.into_iter().any(|each| each.file_name() == Some("src")) {
            return false;
        }
        // Compilers write JavaScript.
        if self.files.iter().any(|path| matches!(path.extension(), Some("ts" | "tsx" | "mts" | "cts"))) {
            return false;
        }
        self.package_has_other_code()
    }

    /// Whether most files have a namesake in the package's `src`.
    fn is_compiled_from_source(&self) -> bool {
        let Some(package) = self.folder.parent() else { return false };
        let source = package.join("src");
        let mut total = 0;
        let mut compiled = 0;
        for path in self.files {
            let Ok(below) = path.strip_prefix(self.folder) else { continue };
            let namesake = source.join(below);
            total += 1;
            let extensions = ["ts", "tsx", "mts", "cts"];
            let exists = |extension: &&str| self.known.contains(namesake.with_extension(extension).as_path());
            compiled += usize::from(extensions.iter().any(exists));
        }
        compiled * 2 > total
    }

    /// Whether the package has code outside of folders that suggest output; if not, this is all there is.
    fn package_has_other_code(&self) -> bool {
        let package =
            self.folder.ancestors().skip(1).find(|each| self.packages.contains(*each)).unwrap_or(self.folder);
        self.sources.iter().any(|path| {
            path.starts_with(package)
                && !path.starts_with(self.folder)
                && !path.ancestors().skip(1).any(|each| each.file_name().is_some_and(|name| OUTPUT.contains(&name)))
                && !path.file_stem().is_some_and(|stem| stem.contains('.') || stem.ends_with("file"))
        })
    }
}

/// The source file that a missing build product comes from: `dist/index.js` from `src/index.ts` or `index.ts`.
/// `exists` tells which files there are; paths are relative to the root.
pub(crate) fn source_of(
    path: &Utf8Path,
    package: &Utf8Path,
    exists: impl Fn(&Utf8Path) -> bool,
) -> Option<Utf8PathBuf> {
    let below = path.strip_prefix(package).ok()?;
    let name = below.file_name()?;
    let stem = [".d.ts", ".d.mts", ".d.cts", ".js", ".mjs", ".cjs", ".jsx"]
        .iter()
        .find_map(|end| name.strip_suffix(end).filter(|stem| !stem.is_empty()))?;
    let folder = below.parent()?;
    let mut parts = folder.components().map(|part| part.as_str()).peekable();
    let first = parts.peek().copied()?;
    if !OUTPUT.contains(&first) && !PERHAPS_OUTPUT.contains(&first) && !first.ends_with("dist") {
        return None;
    }
    parts.next();
    // `dist/esm/index.js`, `dist/src/index.js`: flavours and copied folders may stand in between.
    let rest: Vec<&str> = parts.collect();
    (0..=rest.len()).find_map(|skip| {
        let inner = rest[skip..].join("/");
        ["src", "", "lib", "source"].iter().find_map(|source| {
            let base = package.join(source).join(&inner).join(stem);
            let extensions = ["ts", "tsx", "mts", "cts", "js", "mjs", "cjs", "jsx"];
            let files = extensions.iter().map(|extension| Utf8PathBuf::from(format!("{base}.{extension}")));
            files.into_iter().find(|file| file != path && languages::of_path(file).is_some() && exists(file))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removed(sources: &[&str], others: &[&str]) -> Vec<String> {
        let mut sources = sources.iter().map(|path| Utf8PathBuf::from(*path)).collect();
        let others: Vec<_> = others.iter().map(|path| Utf8PathBuf::from(*path)).collect();
        remove(&mut sources, &others).into_iter().map(Utf8PathBuf::into_string).collect()
    }

    #[test]
    fn output_beside_the_source_is_removed() {
        assert_eq!(removed(&["dist/a.js", "src/a.ts"], &["package.json"]), ["dist/a.js"]);
        assert_eq!(removed(&["client/build/static/m.js", "server.js"], &[]), ["client/build/static/m.js"]);
        assert_eq!(removed(&["lib/a.js", "lib/b.js", "src/a.ts", "src/b.ts"], &[]), ["lib/a.js", "lib/b.js"]);
    }

    #[test]
    fn hand_written_folders_stay() {
        assert_eq!(removed(&["src/build/a.js", "src/index.js"], &["package.json"]), [""; 0]);
        assert_eq!(removed(&["build/a.ts", "src/index.ts"], &["package.json"]), [""; 0]);
        assert_eq!(removed(&["lib/server.js", "src/client.ts"], &["package.json"]), [""; 0]);
    }

    #[test]
    fn output_that_is_all_there_is_stays() {
        assert_eq!(removed(&["dist/server.js", "vite.config.js"], &["package.json"]), [""; 0]);
        assert_eq!(removed(&["p/dist/a.js", "q/a.js"], &["p/package.json", "q/package.json"]), [""; 0]);
    }

    #[test]
    fn build_products_lead_to_their_source() {
        let known = ["p/src/index.ts", "p/src/net/io.ts", "p/main.ts"];
        let exists = |path: &Utf8Path| known.contains(&path.as_str());
        let source =
            |path: &str| source_of(Utf8Path::new(path), Utf8Path::new("p"), exists).map(Utf8PathBuf::into_string);
        assert_eq!(source("p/dist/index.js").as_deref(), Some("p/src/index.ts"));
        assert_eq!(source("p/dist/esm/net/io.mjs").as_deref(), Some("p/src/net/io.ts"));
        assert_eq!(source("p/build/src/index.d.ts").as_deref(), Some("p/src/index.ts"));
        assert_eq!(source("p/out/main.js").as_deref(), Some("p/main.ts"));
        assert_eq!(source("p/other/index.js"), None);
    }
}
