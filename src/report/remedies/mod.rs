//! What to do about each finding, with the lines to write in *this* code: for its endpoint, its module system, the client
//! library that it depends on, and its package manager. The knowledge of libraries is data in `rules/remedies`.

mod fill;
mod naming;
mod syntax;
mod template;
#[cfg(test)]
mod tests;

pub use template::{TemplateError, Templates};

use std::collections::BTreeMap;

use crate::checks::{Case, Item, Judgement};
use crate::realtime::{Endpoint, Evidence, Place, Reach, ServiceId};
use crate::report::{self, Defect, StateType};
use crate::source::{FileId, PackageManifest};
use naming::Named;
use template::{Client, Template, TemplateFile, When};

/// What to do about some findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remedy {
    /// The service that they belong to.
    pub(in crate::report) service: ServiceId,
    /// What to do, in a few words.
    pub(in crate::report) title: String,
    /// What is to be known besides; may be empty.
    pub(in crate::report) text: String,
    /// What it is for.
    pub(in crate::report) findings: Vec<Item>,
    /// Where the lines belong, as far as it is one place.
    pub(in crate::report) place: Option<Place>,
    /// The command that installs what is missing.
    pub(in crate::report) install: Option<String>,
    /// The lines to write; may be empty.
    pub(in crate::report) code: String,
    /// The same as insertions into files; only where nothing has to be decided by a person.
    pub(in crate::report) edits: Vec<Edit>,
}

/// An insertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    /// Into which file.
    pub(in crate::report) file: FileId,
    /// At which byte.
    pub(in crate::report) offset: u32,
    /// What.
    pub(in crate::report) text: String,
}

impl Remedy {
    /// Whether both ask for the same, whatever they are for.
    fn says_what(&self, other: &Remedy) -> bool {
        let place = |remedy: &Remedy| (remedy.service, remedy.place);
        place(self) == place(other)
            && self.install == other.install
            && (&self.title, &self.text, &self.code) == (&other.title, &other.text, &other.code)
            && self.edits == other.edits
    }
}

/// Remedies for everything that a check names, in the order of the findings. Findings with the same remedy share it.
pub(super) fn find(case: Case, judgement: &Judgement, templates: &Templates) -> Vec<Remedy> {
    let mut remedies: Vec<Remedy> = Vec::new();
    let mut known: BTreeMap<Key, usize> = BTreeMap::new();
    for verdict in judgement.services.iter().flatten() {
        for &item in verdict.findings.iter().chain(&verdict.warnings) {
            let Some(problem) = Problem::new(case, item) else { continue };
            let Some(chosen) = problem.chosen(templates) else { continue };
            let index = *known.entry(problem.key(&chosen)).or_insert_with(|| {
                let remedy = problem.filled(chosen);
                remedies.iter().position(|each| each.says_what(&remedy)).unwrap_or_else(|| {
                    remedies.push(remedy);
                    remedies.len() - 1
                })
            });
            remedies[index].findings.push(item);
        }
    }
    remedies
}

/// What a filled template depends on: itself, the service, the endpoint, the places of its names, and, where the finding
/// itself counts, the finding. Equal keys need not be filled again.
type Key = (usize, ServiceId, Option<Place>, Vec<Place>, Option<Item>);

/// A finding with what the conditions of templates ask for.
#[derive(Clone, Copy)]
struct Problem<'a> {
    case: Case<'a>,
    item: Item,
    service: ServiceId,
    place: Place,
    evidence: &'a [Evidence],
}

/// A template that fits, with what it needs of the code.
struct Chosen<'a> {
    file: &'a TemplateFile,
    template: &'a Template,
    /// The client library to write the lines with, and whether the project leaves no choice.
    client: Option<(&'a Client, bool)>,
    endpoint: Option<&'a Endpoint>,
    /// By the template's key: the name, and where it is declared.
    names: BTreeMap<&'a str, (Named, Place)>,
}

impl<'a> Problem<'a> {
    fn new(case: Case<'a>, item: Item) -> Option<Self> {
        let (service, place, evidence) = match item {
            Item::Path(index) => {
                let path = case.realtime.paths.get(index)?;
                (path.service, path.place, &path.evidence)
            }
            Item::Store(index) => {
                let store = case.realtime.stores.get(index)?;
                (store.service, store.place, &store.evidence)
            }
        };
        Some(Problem { case, item, service, place, evidence })
    }

    /// The first template that fits.
    fn chosen(self, templates: &'a Templates) -> Option<Chosen<'a>> {
        for file in &templates.files {
            let endpoint = self.endpoint(file);
            if !file.transports.is_empty() && !self.is_of(file, endpoint) {
                continue;
            }
            for template in &file.remedies {
                if !self.holds(&template.when, endpoint) {
                    continue;
                }
                let Some(names) = self.names(template) else { continue };
                let Ok(client) = self.client(template) else { continue };
                return Some(Chosen { file, template, client, endpoint, names });
            }
        }
        None
    }

    fn key(self, chosen: &Chosen) -> Key {
        let endpoint = chosen.endpoint.map(|endpoint| endpoint.place);
        let names = chosen.names.values().map(|(_, place)| *place).collect();
        let is_own = endpoint.is_none() || matches!(self.item, Item::Store(_));
        let template = std::ptr::from_ref(chosen.template).addr();
        (template, self.service, endpoint, names, is_own.then_some(self.item))
    }

    /// The endpoint of the path; for a store, the first of its service that the file is about.
    fn endpoint(self, file: &TemplateFile) -> Option<&'a Endpoint> {
        let endpoints = &self.case.realtime.endpoints;
        match self.item {
            Item::Path(index) => {
                let id = self.case.realtime.paths.get(index)?.endpoint?;
                endpoints.get(id.0 as usize)
            }
            Item::Store(_) => endpoints
                .iter()
                .find(|endpoint| endpoint.service == self.service && file.transports.contains(&endpoint.transport)),
        }
    }

    /// Whether the file is about the finding's transport.
    fn is_of(self, file: &TemplateFile, endpoint: Option<&Endpoint>) -> bool {
        let own = match self.item {
            Item::Path(index) => self.case.realtime.paths.get(index).map(|path| &path.transport),
            Item::Store(_) => None,
        };
        let of_endpoint = endpoint.map(|endpoint| &endpoint.transport);
        own.or(of_endpoint).is_some_and(|transport| file.transports.contains(transport))
    }

    fn holds(self, when: &When, endpoint: Option<&Endpoint>) -> bool {
        let subject = match self.item {
            Item::Path(_) => self.path_holds(when),
            Item::Store(_) => self.store_holds(when),
        };
        let works = |endpoint: &Endpoint| {
            let mut attachments = endpoint.attachments.iter();
            attachments.any(|each| each.defect.is_none() && each.reach == Reach::Cluster)
        };
        let attached = when.attached.is_none_or(|wanted| endpoint.is_some_and(works) == wanted);
        let depends = when.depends.is_empty() || when.depends.iter().any(|package| self.depends_on(package));
        let versions = when.versions.iter().all(|(package, range)| self.version_in(package, range) == Some(true));
        let text = when.endpoint.as_ref().is_none_or(|wanted| {
            endpoint.is_some_and(|endpoint| self.source(endpoint.place).contains(wanted.as_str()))
        });
        subject && attached && depends && versions && text
    }

    fn path_holds(self, when: &When) -> bool {
        let Item::Path(index) = self.item else { return false };
        let Some(path) = self.case.realtime.paths.get(index) else { return false };
        let reach = report::Reach::from(path.reach).word();
        when.store.is_none()
            && when.defect.as_deref() == path.defect.map(|defect| Defect::from(defect).word())
            && when.reach.as_deref().is_none_or(|wanted| wanted == reach)
    }

    fn store_holds(self, when: &When) -> bool {
        let Item::Store(index) = self.item else { return false };
        let Some(store) = self.case.realtime.stores.get(index) else { return false };
        let Some(types) = &when.store else { return false };
        let class = report::StoreClass::from(store.class).word();
        let state_type = StateType::from(store.state_type).word();
        (types.is_empty() || types.iter().any(|each| each == state_type))
            && (when.container.is_empty() || when.container.contains(&store.container))
            && when.reach.as_deref().is_none_or(|wanted| wanted == class)
    }

    /// What the template wants to know the names of; none where one of them has none.
    fn names(self, template: &'a Template) -> Option<BTreeMap<&'a str, (Named, Place)>> {
        let mut names = BTreeMap::new();
        for (key, what) in &template.names {
            let evidence = self.evidence.iter().find(|each| each.what.starts_with(what.as_str()))?;
            names.insert(key.as_str(), (self.named(evidence.place)?, evidence.place));
        }
        Some(names)
    }

    fn named(self, place: Place) -> Option<Named> {
        let module = self.case.graph.module(place.module);
        naming::named(self.case.project.file(module.file), &module.facts, place.span)
    }

    /// The client library to write the lines with, and whether the project leaves no choice. Without any in the
    /// template, none; where no lines fit the installed version, the template does not fit.
    fn client(self, template: &'a Template) -> Result<Option<(&'a Client, bool)>, ()> {
        if template.clients.is_empty() {
            return Ok(None);
        }
        let fits = |client: &&Client| {
            let range = client.versions.as_deref();
            range.is_none_or(|range| self.version_in(&client.package, range) != Some(false))
        };
        let used: Vec<&Client> =
            template.clients.iter().filter(|client| self.depends_on(&client.package)).filter(fits).collect();
        let packages: std::collections::BTreeSet<&str> =
            used.iter().map(|client| client.package.as_str()).collect();
        let recommended = || template.clients.iter().find(|client| !self.depends_on(&client.package));
        let client = used.first().copied().or_else(recommended).ok_or(())?;
        Ok(Some((client, packages.len() < 2)))
    }

    /// The source text of a place.
    fn source(self, place: Place) -> &'a str {
        let file = self.case.project.file(self.case.graph.module(place.module).file);
        file.text.get(place.span.start as usize..place.span.end as usize).unwrap_or_default()
    }

    /// The service's own package, and those around it.
    fn packages(self) -> Vec<&'a PackageManifest> {
        let package = self.case.realtime.services.get(self.service.0 as usize).and_then(|service| service.package);
        package.map(|package| self.case.project.package_chain(package).collect()).unwrap_or_default()
    }

    fn depends_on(self, package: &str) -> bool {
        self.packages().iter().any(|each| each.dependencies.contains_key(package))
    }

    fn version_in(self, package: &str, range: &str) -> Option<bool> {
        self.packages().iter().find_map(|each| each.version_of(package))?.within(range)
    }
}
