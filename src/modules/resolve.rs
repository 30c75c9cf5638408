//! From a specifier to a file of the project, a package or a module of the runtime.
//!
//! Installed packages are never looked into: what a specifier means follows from the project's own files,
//! manifests and configurations, so that a checkout without `node_modules` is understood as well.

mod file_system;
mod tsconfig;

use std::path::Path;
use std::sync::{Arc, RwLock};

use camino::{Utf8Path, Utf8PathBuf};
use oxc_resolver::{ResolveOptions, ResolverGeneric, TsconfigDiscovery};
use rustc_hash::FxHashMap;

use crate::source::{FileId, InstalledVersion, PackageId, Problem, Project};
use file_system::{Contents, ProjectFiles};
use tsconfig::Aliases;

/// What a specifier means, in terms of the project's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileResolution {
    /// A source file of the project.
    File(FileId),
    /// A file of the project that is no code to read: data, a type declaration.
    Other,
    /// A package that is or can be installed.
    Package {
        /// `ws`, `@socket.io/redis-adapter`.
        name: Box<str>,
        /// After the name, without the slash.
        subpath: Box<str>,
    },
    /// A module of the runtime, without `node:`.
    Builtin(Box<str>),
    /// Nothing that exists.
    Unresolved,
}

/// Resolves specifiers of one project. Cheap to ask twice, and shared between threads.
pub struct Resolver<'p> {
    project: &'p Project,
    contents: Arc<Contents>,
    /// As programs run: `import`, `require`, `default`.
    inner: ResolverGeneric<ProjectFiles>,
    /// The last resort for packages whose built files cannot be led back to their source: their types.
    with_types: ResolverGeneric<ProjectFiles>,
    aliases: Aliases,
    bare: RwLock<FxHashMap<BareKey, FileResolution>>,
}

/// What a bare specifier's meaning depends on: the folder whose aliases hold, the package, and the text.
type BareKey = (Utf8PathBuf, Option<PackageId>, Box<str>);

impl<'p> Resolver<'p> {
    /// Prepares the resolver; broken configurations are reported and passed over.
    pub fn new(project: &'p Project) -> (Self, Vec<Problem>) {
        let mut contents = Contents::new(project);
        let files = tsconfig::files(project);
        let mut problems = tsconfig::repair(project, &mut contents, &files);
        let contents = Arc::new(contents);
        let inner = ResolverGeneric::new_with_file_system(ProjectFiles(Arc::clone(&contents)), options(&[]));
        let with_types = inner.clone_with_options(options(&["types"]));
        let (aliases, load_problems) = tsconfig::load(&inner, project, &files);
        problems.extend(load_problems);
        problems.sort();
        problems.dedup_by(|a, b| a.file == b.file);
        (Resolver { project, contents, inner, with_types, aliases, bare: RwLock::default() }, problems)
    }

    /// What `specifier` means in `from`.
    pub fn resolve(&self, from: FileId, specifier: &str) -> FileResolution {
        let file = self.project.file(from);
        let folder = file.path.parent().unwrap_or(Utf8Path::new(""));
        // Bundlers' loaders stand before the path: `raw-loader!./x`.
        let specifier = specifier.rsplit('!').next().unwrap_or(specifier);
        if specifier.starts_with('.') {
            return self.path(&self.project.root.join(folder), specifier).unwrap_or(FileResolution::Unresolved);
        }
        if let Some(builtin) = builtin_name(specifier) {
            return FileResolution::Builtin(builtin.into());
        }
        // Subpath imports (`#x`) depend on the package alone, and bare specifiers on little more, except where
        // own code lies in `node_modules` folders, which are searched from the importer upwards.
        let scope = if self.project.own_modules.is_empty() { self.aliases.scope(folder) } else { folder };
        let key = (scope.to_owned(), file.package, specifier.into());
        if let Ok(known) = self.bare.read()
            && let Some(resolution) = known.get(&key)
        {
            return resolution.clone();
        }
        let resolution = self.bare(scope, file.package, specifier);
        if let Ok(mut known) = self.bare.write() {
            known.insert(key, resolution.clone());
        }
        resolution
    }

    /// Resolves what is no relative path.
    fn bare(&self, folder: &Utf8Path, package: Option<PackageId>, specifier: &str) -> FileResolution {
        let absolute = self.project.root.join(folder);
        if specifier.starts_with('#') {
            let home = package.map_or(absolute.clone(), |id| self.folder_of(id));
            if let Some(found) = self.path(&home, specifier) {
                return found;
            }
        }
        if let Some(found) = self.aliased(folder, package, specifier) {
            return found;
        }
        if is_runtime_module(specifier) {
            return FileResolution::Builtin(specifier.into());
        }
        let Some((name, subpath)) = package_name(specifier.strip_prefix("npm:").unwrap_or(specifier)) else {
            return self.conventional(package, specifier).unwrap_or(FileResolution::Unresolved);
        };
        if let Some(target) = self.workspace_package(package, name) {
            return self.in_package(target, name, subpath).unwrap_or(FileResolution::Unresolved);
        }
        if !self.project.own_modules.is_empty()
            && let Some(found) = self.path(&absolute, specifier)
        {
            return found;
        }
        if !subpath.is_empty()
            && !package.is_some_and(|id| self.project.depends_on(id, name))
            && let Some(found) = self.conventional(package, specifier)
        {
            return found;
        }
        let (name, subpath) = (unversioned(name), subpath);
        FileResolution::Package { name: name.into(), subpath: subpath.into() }
    }

    /// Aliases of `tsconfig.json` and of `_moduleAliases`.
    fn aliased(&self, folder: &Utf8Path, package: Option<PackageId>, specifier: &str) -> Option<FileResolution> {
        for candidate in self.aliases.candidates(folder, specifier) {
            if let Some(found) = self.absolute(&candidate) {
                return Some(found);
            }
        }
        self.project.package_chain(package?).find_map(|package| {
            package.module_aliases.iter().find_map(|(prefix, target)| {
                let below = specifier.strip_prefix(prefix.as_str())?;
                if !below.is_empty() && !below.starts_with('/') {
                    return None;
                }
                self.path(&self.project.root.join(&package.folder), &format!("./{target}{below}"))
            })
        })
    }

    /// What bundlers are usually told without a `tsconfig.json`: `@/x` and `~/x` are `src/x` of the package; and
    /// with `NODE_PATH`, `src/x` is a path in the package.
    fn conventional(&self, package: Option<PackageId>, specifier: &str) -> Option<FileResolution> {
        let home = package.map_or(self.project.root.clone(), |id| self.folder_of(id));
        let marked = ["@/", "~/", "@@/", "~~/", "#/"].iter().find_map(|mark| specifier.strip_prefix(mark));
        let below = marked.or_else(|| specifier.strip_prefix(['/', '~'])).unwrap_or(specifier);
        if below.contains("..") || below.contains(':') {
            return None;
        }
        let folders: &[&str] = if marked.is_some() { &["src/", "", "app/"] } else { &["", "src/"] };
        folders.iter().find_map(|folder| self.path(&home, &format!("./{folder}{below}")))
    }

    /// The package of the project that `name` means to a package: what its manifest says comes first.
    fn workspace_package(&self, from: Option<PackageId>, name: &str) -> Option<PackageId> {
        let named = self.project.package_named(name);
        let declared = from.and_then(|from| {
            self.project
                .package_chain(from)
                .find_map(|package| Some((package.folder.as_path(), package.dependencies.get(name)?.as_str())))
        });
        let Some((folder, range)) = declared else {
            // A package finds itself by name only through its `exports`.
            return named.filter(|&id| from != Some(id) || self.project.package(id).has_exports);
        };
        for protocol in ["file:", "link:", "portal:"] {
            if let Some(path) = range.strip_prefix(protocol) {
                return self.package_in(folder, path).or(named);
            }
        }
        let local = named?;
        if range.starts_with("workspace:") || matches!(range, "*" | "" | "latest") {
            return Some(local);
        }
        // Package managers link a package of the workspace if its version fits, else they install another.
        let version = self.project.package(local).version.clone()?;
        (InstalledVersion::Exact(version).within(range) == Some(true)).then_some(local)
    }

    /// The package in a folder given relative to another.
    fn package_in(&self, folder: &Utf8Path, path: &str) -> Option<PackageId> {
        let joined = oxc_resolver::PathUtil::normalize_with(self.project.root.join(folder).as_std_path(), path);
        let relative = self.contents.relative(&joined)?;
        let found = self.project.packages.iter().position(|package| package.folder == relative)?;
        Some(PackageId(found as u32))
    }

    /// A specifier within a package of the project.
    fn in_package(&self, id: PackageId, name: &str, subpath: &str) -> Option<FileResolution> {
        let package = self.project.package(id);
        let home = self.folder_of(id);
        if package.has_exports {
            let own = package.name.as_deref().unwrap_or(name);
            let specifier = if subpath.is_empty() { own.to_owned() } else { format!("{own}/{subpath}") };
            if let Some(found) = self.path(&home, &specifier).filter(|found| *found != FileResolution::Other) {
                return Some(found);
            }
            let types = self.with_types.resolve(&home, &specifier).ok();
            if let Some(found) = types.and_then(|found| self.file(found.path())) {
                return Some(found);
            }
        }
        if subpath.is_empty() {
            let main = self.absolute(home.as_std_path()).filter(|found| *found != FileResolution::Other);
            let usual = ["./src/index", "./index", "./src/main", "./lib/index"];
            return main.or_else(|| usual.iter().find_map(|entry| self.path(&home, entry)));
        }
        ["", "src/", "lib/"].iter().find_map(|folder| self.path(&home, &format!("./{folder}{subpath}")))
    }

    fn folder_of(&self, id: PackageId) -> Utf8PathBuf {
        self.project.root.join(&self.project.package(id).folder)
    }

    fn absolute(&self, path: &Path) -> Option<FileResolution> {
        let found = self.inner.resolve(self.project.root.as_std_path(), path.to_str()?).ok()?;
        self.file(found.path())
    }

    fn path(&self, folder: &Utf8Path, specifier: &str) -> Option<FileResolution> {
        let found = self.inner.resolve(folder.as_std_path(), specifier).ok()?;
        self.file(found.path())
    }

    /// The file at a resolved path; a build product leads to its source.
    fn file(&self, path: &Path) -> Option<FileResolution> {
        let relative = self.contents.relative(path)?;
        if let Some(file) = self.project.file_at(&relative) {
            return Some(FileResolution::File(file));
        }
        match self.contents.source_of(&relative).and_then(|source| self.project.file_at(&source)) {
            Some(file) => Some(FileResolution::File(file)),
            None => self.contents.has_file(&relative).then_some(FileResolution::Other),
        }
    }
}

/// How paths are completed, for code that is run by Node, by a bundler or by TypeScript.
fn options(more_conditions: &[&str]) -> ResolveOptions {
    let strings = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let conditions = ["source", "development", "node", "import", "require", "module", "bun"];
    let alias = |written: &str, meant: &[&str]| (written.to_owned(), strings(meant));
    ResolveOptions {
        tsconfig: Some(TsconfigDiscovery::Auto),
        condition_names: strings(&[&conditions, more_conditions].concat()),
        extensions: strings(&[".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".jsx", ".d.ts", ".json"]),
        extension_alias: vec![
            alias(".js", &[".ts", ".tsx", ".js", ".jsx", ".d.ts"]),
            alias(".jsx", &[".tsx", ".jsx"]),
            alias(".mjs", &[".mts", ".mjs"]),
            alias(".cjs", &[".cts", ".cjs"]),
        ],
        main_fields: strings(&["source", "main", "module", "types"]),
        symlinks: false,
        node_path: false,
        ..ResolveOptions::default()
    }
}

/// The name of a runtime module that is marked as such: `node:fs`.
fn builtin_name(specifier: &str) -> Option<&str> {
    specifier.strip_prefix("node:")
}

/// Modules that the runtime brings: Node's by name, other runtimes' by their scheme.
fn is_runtime_module(specifier: &str) -> bool {
    nodejs_built_in_modules::is_nodejs_builtin_module(specifier)
        || specifier == "bun"
        || specifier.starts_with("bun:")
        || specifier.starts_with("cloudflare:")
}

/// Splits `@scope/name/sub/path` into name and subpath; none for what cannot be a package.
pub(crate) fn package_name(specifier: &str) -> Option<(&str, &str)> {
    let is_name = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_' || first == '-')
            && !part.contains([':', '?', ' ', '\\'])
    };
    let (scope, rest) = match specifier.strip_prefix('@') {
        Some(scoped) => {
            let (scope, rest) = scoped.split_once('/')?;
            if !is_name(scope) {
                return None;
            }
            (scope.len() + 2, rest)
        }
        None => (0, specifier),
    };
    let (name, subpath) = rest.split_once('/').unwrap_or((rest, ""));
    is_name(name).then(|| (&specifier[..scope + name.len()], subpath))
}

/// `ws@8` of an `npm:` specifier as `ws`.
fn unversioned(name: &str) -> &str {
    name.rfind('@').filter(|&at| at > 0).map_or(name, |at| &name[..at])
}

#[cfg(test)]
mod tests;
