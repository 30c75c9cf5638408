//! Whose a workload is: a service of the project, or something else.
//!
//! What a workload runs tells most: the file that its command starts. Then what it is built from, then its names, then
//! where its manifest lies. What nothing tells is nobody's.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashSet;

use super::commands;
use super::manifest::is_manifest;
use super::names::{is_infrastructure, is_other_role, plain, telling, words};
use super::workloads::{Workload, join};
use crate::source::{PackageManifest, Project};

/// A service, as far as deployments can name it.
#[derive(Debug, Clone, Default)]
pub struct ServiceFacts {
    /// Its folder relative to the root.
    pub folder: Utf8PathBuf,
    /// Files that import its endpoints, themselves included: starting one of them starts the service.
    pub starts: FxHashSet<Utf8PathBuf>,
}

/// Whose a workload is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owner {
    /// Services, by position.
    Services(BTreeSet<usize>),
    /// Something that holds no endpoint.
    Other,
    /// Nothing tells.
    Unknown,
}

/// Everything that tells.
pub(super) struct Owners<'a> {
    /// The files and packages.
    pub(super) project: &'a Project,
    /// The services.
    pub(super) services: &'a [ServiceFacts],
    /// All workloads.
    pub(super) workloads: &'a [Workload],
}

/// Scripts that start scripts are followed this deep.
const MAX_SCRIPTS: usize = 3;

impl Owners<'_> {
    /// The owner of each workload.
    pub(super) fn all(&self) -> Vec<Owner> {
        let mut owners: Vec<Owner> = self.workloads.iter().map(|workload| self.owner(workload)).collect();
        self.give_away_the_only_ones(&mut owners);
        owners
    }

    fn owner(&self, workload: &Workload) -> Owner {
        if !workload.hosts.is_empty() {
            return self.by_hosts(workload);
        }
        let known = self.with_relatives(workload);
        let foreign = !known.images.is_empty() && known.images.iter().all(|image| is_infrastructure(image));
        if foreign && known.contexts.is_empty() {
            return Owner::Other;
        }
        for tell in [Self::by_commands, Self::by_build, Self::by_names, Self::by_folder] {
            let owner = tell(self, &known);
            if owner != Owner::Unknown {
                return owner;
            }
        }
        Owner::Unknown
    }

    /// A workload with what others of its family say under its name or that of its targets: an overlay, an autoscaler.
    fn with_relatives(&self, workload: &Workload) -> Workload {
        let mut known = workload.clone();
        let named: Vec<&str> = match workload.targets.is_empty() {
            true => workload.names.iter().map(String::as_str).collect(),
            false => workload.targets.iter().flat_map(|target| pieces(target)).collect(),
        };
        let is_family = |each: &&Workload| {
            workload.family == each.family || workload.family == "script" && !workload.targets.is_empty()
        };
        let relatives = || {
            self.workloads
                .iter()
                .filter(is_family)
                .filter(|each| each.names.iter().any(|name| named.contains(&name.as_str())))
        };
        let near = |each: &&Workload| each.folder() == workload.folder();
        let any_near = relatives().any(|each| near(&each) && each.location != workload.location);
        for each in relatives().filter(|each| !any_near || near(each)) {
            known.names.extend(each.names.iter().cloned());
            known.images.extend(each.images.iter().cloned());
            known.contexts.extend(each.contexts.iter().cloned());
            known.dockerfiles.extend(each.dockerfiles.iter().cloned());
            known.commands.extend(each.commands.iter().cloned());
            known.directories.extend(each.directories.iter().cloned());
        }
        if known.names.is_empty() {
            known.names = workload
                .targets
                .iter()
                .filter_map(|target| pieces(target).last().copied())
                .map(str::to_owned)
                .collect();
        }
        if known.commands.is_empty() {
            let of_image = self
                .workloads
                .iter()
                .filter(|each| each.family == "dockerfile" && known.dockerfiles.contains(&each.file));
            known.commands.extend(of_image.flat_map(|each| each.commands.iter().cloned()));
        }
        known
    }

    /// By the files that its commands start.
    fn by_commands(&self, known: &Workload) -> Owner {
        let mut bases: Vec<Utf8PathBuf> = known.contexts.clone();
        bases.extend(known.dockerfiles.iter().filter_map(|file| file.parent()).map(Utf8Path::to_owned));
        bases.extend(known.directories.iter().filter_map(|folder| join(known.folder(), folder)));
        bases.extend([known.folder().to_owned(), Utf8PathBuf::new()]);
        let mut started = FxHashSet::default();
        let mut packages = Vec::new();
        for command in &known.commands {
            self.follow(command, &bases, 0, &mut started, &mut packages);
        }
        let of_files = self.services_where(|service| started.iter().any(|file| service.starts.contains(file)));
        if !of_files.is_empty() {
            return Owner::Services(of_files);
        }
        if let Some(folder) = packages.first().filter(|_| started.is_empty()) {
            let of_package = self.services_where(|service| service.folder == *folder);
            return if of_package.is_empty() { Owner::Other } else { Owner::Services(of_package) };
        }
        if started.is_empty() { Owner::Unknown } else { Owner::Other }
    }

    /// Collects the files that a command line starts, and the packages that it names.
    fn follow(
        &self,
        line: &str,
        bases: &[Utf8PathBuf],
        depth: usize,
        started: &mut FxHashSet<Utf8PathBuf>,
        packages: &mut Vec<Utf8PathBuf>,
    ) {
        for part in commands::parts(line) {
            let named = part.iter().filter_map(|word| self.package_named(word.rsplit('=').next().unwrap_or(word)));
            packages.extend(named.map(|package| package.folder.clone()));
            let files = part.iter().filter(|word| !word.starts_with('-')).filter_map(|word| self.file(word, bases));
            started.extend(files.filter(|file| !is_manifest(file)));
            let runs_scripts =
                part.iter().take(3).any(|word| matches!(word.as_str(), "npm" | "yarn" | "pnpm" | "bun"));
            if !runs_scripts || depth == MAX_SCRIPTS {
                continue;
            }
            let own: Vec<Utf8PathBuf> = packages.iter().chain(bases).cloned().collect();
            let package =
                own.iter().find_map(|base| self.project.packages.iter().find(|each| each.folder == *base));
            let Some(package) = package else { continue };
            let script = part.iter().find_map(|word| package.scripts.get(word.as_str()));
            if let Some(script) = script.filter(|script| *script != line) {
                self.follow(script, std::slice::from_ref(&package.folder), depth + 1, started, packages);
            }
        }
    }

    fn package_named(&self, name: &str) -> Option<&PackageManifest> {
        self.project.packages.iter().find(|package| {
            package.name.as_deref() == Some(name)
                && (name.contains(['/', '-', '@']) || self.project.packages.len() > 1)
        })
    }

    /// The source file that a word of a command means; compiled files stand for what they were compiled from.
    fn file(&self, word: &str, bases: &[Utf8PathBuf]) -> Option<Utf8PathBuf> {
        const EXTENSIONS: [&str; 9] = ["", ".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".tsx", "/index.js"];
        let word = word.trim_start_matches("/app/").trim_start_matches("/usr/src/app/");
        if word.is_empty() || word.starts_with('/') || word.len() > 300 {
            return None;
        }
        let looks_like_one = word.contains(['/', '.']);
        let (stem, compiled) = match word.rsplit_once('.') {
            Some((stem, "js" | "mjs" | "cjs" | "ts" | "mts" | "tsx")) => (stem, true),
            _ => (word, false),
        };
        if !looks_like_one {
            return None;
        }
        let stem = stem.trim_start_matches("./");
        let mut stems = vec![stem.to_owned()];
        if let Some((first, rest)) = stem.split_once('/')
            && (compiled || matches!(first, "dist" | "build" | "out"))
            && matches!(first, "dist" | "build" | "out" | "lib" | "output")
        {
            stems.extend([format!("src/{rest}"), rest.to_owned()]);
            // A workspace builds into one folder: `dist/apps/ws/main.js` comes from `apps/ws/src/main.ts`.
            stems.extend(rest.rsplit_once('/').map(|(folder, name)| format!("{folder}/src/{name}")));
        }
        for base in bases {
            for stem in &stems {
                let found = EXTENSIONS.iter().find_map(|extension| {
                    let path = join(base, &format!("{stem}{extension}"))?;
                    self.project.file_at(&path).map(|_| path)
                });
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    /// By the folder that its image is built from.
    fn by_build(&self, known: &Workload) -> Owner {
        let within = |file: &&Utf8PathBuf| known.contexts.iter().all(|context| file.starts_with(context));
        let of_files = known.dockerfiles.iter().filter(within).filter_map(|file| file.parent());
        // A Dockerfile deep in the context is that folder's; one at the top is the context's.
        let deep = of_files.filter(|folder| !known.contexts.iter().any(|context| context == folder));
        let mut folders: Vec<&Utf8Path> = deep.filter(|folder| self.innermost(folder).is_some()).collect();
        if folders.is_empty() {
            folders = known.contexts.iter().map(Utf8PathBuf::as_path).collect();
        }
        folders.first().map_or(Owner::Unknown, |folder| self.of_build_folder(folder))
    }

    fn of_build_folder(&self, folder: &Utf8Path) -> Owner {
        if let Some(package) = self.innermost(folder) {
            let own = self.services_where(|service| service.folder == package.folder);
            if !own.is_empty() {
                return Owner::Services(own);
            }
        }
        let below = self.services_where(|service| service.folder.starts_with(folder));
        let packages =
            self.project.packages.iter().filter(|each| each.folder.starts_with(folder) && each.folder != folder);
        match (below.len(), packages.count()) {
            (0, _) => Owner::Other,
            (1, 1) => Owner::Services(below),
            _ => Owner::Unknown,
        }
    }

    /// The innermost package around a folder.
    fn innermost(&self, folder: &Utf8Path) -> Option<&PackageManifest> {
        let around = self.project.packages.iter().filter(|package| folder.starts_with(&package.folder));
        around.max_by_key(|package| package.folder.components().count())
    }

    /// By its names and those of its images.
    fn by_names(&self, known: &Workload) -> Owner {
        // What an image is called is what it holds; what a workload is called may be anything.
        let own_images = known.images.iter().filter(|image| !is_infrastructure(image));
        let names: Vec<&String> = own_images.chain(&known.names).collect();
        if names.is_empty() {
            return Owner::Unknown;
        }
        // Exactly a package's name.
        for name in names.iter().copied().chain(&known.containers) {
            let same = |package: &&PackageManifest| package_names(package).iter().any(|each| *each == plain(name));
            if let Some(package) = self.project.packages.iter().find(same) {
                let own = self.services_where(|service| service.folder == package.folder);
                let below = self.services_where(|service| service.folder.starts_with(&package.folder));
                match (own.is_empty(), below.len()) {
                    (false, _) => return Owner::Services(own),
                    // The name of a workspace is that of its only service.
                    (true, 1) => return Owner::Services(below),
                    (true, 0) => return Owner::Other,
                    _ => continue,
                }
            }
        }
        let said: BTreeSet<String> = names.iter().flat_map(|name| words(name)).collect();
        let of_services: BTreeSet<String> =
            self.services.iter().flat_map(|service| self.words_of(&service.folder)).collect();
        if said.iter().any(|word| is_other_role(word) && !of_services.contains(word)) {
            return Owner::Other;
        }
        // The package with which it shares most.
        let said = telling(&said);
        let shared = |folder: &Utf8Path| telling(&self.words_of(folder)).intersection(&said).count();
        let best = self.project.packages.iter().map(|package| shared(&package.folder)).max().unwrap_or(0);
        let own = self.services_where(|service| best > 0 && shared(&service.folder) == best);
        if !own.is_empty() {
            return Owner::Services(own);
        }
        if best > 0 {
            return Owner::Other;
        }
        // `app` and `server` say nothing, but where there is only one service they can mean no other.
        if said.is_empty() && self.services.len() == 1 && !self.has_telling_neighbours(known) {
            Owner::Services(BTreeSet::from([0]))
        } else {
            Owner::Unknown
        }
    }

    /// Whether its manifest runs something else of its own that has a name: then it may be that which is the service.
    fn has_telling_neighbours(&self, known: &Workload) -> bool {
        let neighbours = self.workloads.iter().filter(|each| each.file == known.file && !each.images.is_empty());
        let own = neighbours.filter(|each| !each.images.iter().any(|image| is_infrastructure(image)));
        own.map(|each| each.images.iter().chain(&each.names).flat_map(|name| words(name)).collect::<BTreeSet<_>>())
            .any(|said| !said.iter().any(|word| is_other_role(word)) && !telling(&said).is_empty())
    }

    /// The words of a package's name and folder.
    fn words_of(&self, folder: &Utf8Path) -> BTreeSet<String> {
        let package = self.project.packages.iter().find(|package| package.folder == folder);
        package
            .map(|package| package_names(package).iter().flat_map(|name| words(name)).collect())
            .unwrap_or_default()
    }

    /// By the folder of its manifest. At the top of a workspace it tells nothing.
    fn by_folder(&self, known: &Workload) -> Owner {
        let Some(package) = self.innermost(known.folder()) else { return Owner::Unknown };
        let own = self.services_where(|service| service.folder == package.folder);
        let is_top = package.folder.as_str().is_empty();
        match (own.is_empty(), known.folder_tells, is_top) {
            (false, true, _) | (false, false, false) => Owner::Services(own),
            (true, true, false) => Owner::Other,
            (true, true, true) if self.services.len() == 1 => Owner::Services(BTreeSet::from([0])),
            _ => Owner::Unknown,
        }
    }

    /// By the workloads that it passes connections to: at least two of them must be the service's.
    fn by_hosts(&self, balancer: &Workload) -> Owner {
        let mut of_services: Vec<usize> = Vec::new();
        let mut local = 0;
        for host in balancer.hosts.iter().map(|host| host_name(host)) {
            if is_local(host) {
                local += 1;
                continue;
            }
            let named = |each: &&Workload| each.hosts.is_empty() && each.names.iter().any(|name| name == host);
            let owner = match self.workloads.iter().find(named) {
                Some(workload) => self.owner(workload),
                None => {
                    let names = vec![host.split('.').next().unwrap_or(host).to_owned()];
                    self.by_names(&Workload { names, ..Workload::default() })
                }
            };
            if let Owner::Services(services) = owner {
                of_services.extend(services);
            }
        }
        let several = |service: &usize| of_services.iter().filter(|each| *each == service).count() > 1;
        let found: BTreeSet<usize> = of_services.iter().copied().filter(several).collect();
        match found.is_empty() {
            false => Owner::Services(found),
            true if local > 1 => self.by_names(&Workload { names: balancer.names.clone(), ..Workload::default() }),
            true => Owner::Other,
        }
    }

    /// A project of one package deploys that package: where one name alone stays unknown in a family that says nothing
    /// else of the service, it is the service's. An image that the project does not build may be anybody's.
    fn give_away_the_only_ones(&self, owners: &mut [Owner]) {
        if self.project.packages.len() > 1 || self.services.len() != 1 {
            return;
        }
        let families: BTreeSet<&str> = self.workloads.iter().map(|each| each.family.as_str()).collect();
        for family in families.into_iter().filter(|family| *family != "balancer") {
            let members: Vec<usize> =
                (0..owners.len()).filter(|&index| self.workloads[index].family == family).collect();
            let owned = members.iter().any(|&index| matches!(owners[index], Owner::Services(_)));
            let unknown: Vec<usize> =
                members.into_iter().filter(|&index| owners[index] == Owner::Unknown).collect();
            let names: BTreeSet<Option<&String>> = unknown.iter().map(|&index| self.main_name(index)).collect();
            let builds = self.workloads.iter().any(|each| each.family == "dockerfile");
            let foreign = unknown.iter().any(|&index| !builds && !self.workloads[index].images.is_empty());
            if !owned && !foreign && names.len() == 1 {
                unknown.into_iter().for_each(|index| owners[index] = Owner::Services(BTreeSet::from([0])));
            }
        }
    }

    fn main_name(&self, index: usize) -> Option<&String> {
        let workload = &self.workloads[index];
        workload.targets.first().or(workload.names.first())
    }

    fn services_where(&self, fits: impl Fn(&ServiceFacts) -> bool) -> BTreeSet<usize> {
        let services = self.services.iter().enumerate();
        services.filter(|(_, service)| fits(service)).map(|(index, _)| index).collect()
    }
}

/// The name of a package without its scope, and that of its folder.
fn package_names(package: &PackageManifest) -> Vec<String> {
    let name = package.name.as_deref().map(plain);
    let folder = package.folder.file_name().map(str::to_lowercase);
    name.into_iter().chain(folder).collect()
}

/// The names within a reference: `aws_ecs_service.chat.name`, `service/cluster/chat`, `chat:3`.
fn pieces(target: &str) -> Vec<&str> {
    let is_border = |character: char| !(character.is_alphanumeric() || "-_".contains(character));
    let ends = ["name", "arn", "id", "family", "revision"];
    let mut pieces: Vec<&str> =
        target.split(is_border).filter(|piece| !piece.is_empty() && !ends.contains(piece)).collect();
    pieces.retain(|piece| piece.parse::<u64>().is_err());
    pieces
}

/// The host of `http://host:port`.
fn host_name(host: &str) -> &str {
    let host = host.split_once("://").map_or(host, |(_, rest)| rest);
    host.split([':', '/']).next().unwrap_or(host)
}

/// Whether a host is this machine or an address that no manifest names.
fn is_local(host: &str) -> bool {
    host == "localhost" || host == "unix" || host.chars().all(|each| each.is_ascii_digit() || each == '.')
}
