//! From the program's facts and verdicts to the report: order, ids, lines and columns.

use std::collections::BTreeMap;

use super::model::*;
use super::remedies::{self, Templates};
use super::words::{Instances, Role, SuppressedBy};
use crate::checks::{self, Case, Item, Judgement, Verdict};
use crate::config::Baseline;
use crate::realtime::{self, Place, ServiceId};
use crate::source;

/// What a report is made from.
pub struct Inputs<'a> {
    /// The facts.
    pub case: Case<'a>,
    /// The verdicts.
    pub judgement: &'a Judgement,
    /// The baseline, with what was met of it.
    pub baseline: Option<&'a Baseline>,
    /// What every stage had to leave out.
    pub problems: Vec<source::Problem>,
    /// What remedies are made from.
    pub templates: &'a Templates,
    /// The packages that the project depends on and that are a reason to look for realtime code.
    pub packages: Vec<String>,
}

/// Builds the report.
pub fn build(inputs: Inputs) -> Report {
    let Inputs { case, judgement, baseline, problems, templates, packages } = inputs;
    let paths = Numbering::new("b", &case.realtime.paths, |path| case.location(path.place));
    let stores = Numbering::new("s", &case.realtime.stores, |store| case.location(store.place));
    let integrations = Numbering::new("i", &case.realtime.integrations, |each| case.location(each.place));
    let builder = Builder { case, paths: &paths, stores: &stores };
    Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "crosscast".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        root: ".".to_owned(),
        checks: judgement.root.iter().map(|verdict| builder.check(verdict)).collect(),
        services: builder.services(judgement),
        broadcast_paths: paths.map(&case.realtime.paths, |id, path| builder.path(id, path)),
        state_stores: stores.map(&case.realtime.stores, |id, store| builder.store(id, store)),
        integrations: integrations.map(&case.realtime.integrations, |id, each| builder.integration(id, each)),
        deployment: builder.deployment(),
        baseline: baseline.map(|baseline| BaselineComparison {
            accepted: baseline.met().count(),
            fixed: baseline.gone().map(KnownFailure::from).collect(),
        }),
        advisories: builder.advisories(),
        remedies: builder.remedies(remedies::find(case, judgement, templates)),
        problems: self::problems(problems),
        stats: builder.stats(packages),
    }
}

/// The order and ids of one kind of items.
struct Numbering {
    prefix: &'static str,
    /// Indices of the items, in order of the report.
    order: Vec<usize>,
    /// By index of the item: its place in the order.
    position: Vec<usize>,
}

impl Numbering {
    fn new<T>(prefix: &'static str, items: &[T], location: impl Fn(&T) -> source::Location) -> Self {
        let mut order: Vec<usize> = (0..items.len()).collect();
        // The sort is stable: what starts at one place stays in the order of the analysis.
        order.sort_by_cached_key(|&index| location(&items[index]));
        let mut position = vec![0; items.len()];
        for (place, &index) in order.iter().enumerate() {
            position[index] = place;
        }
        Numbering { prefix, order, position }
    }

    fn id(&self, index: usize) -> Option<String> {
        self.position.get(index).map(|position| format!("{}{}", self.prefix, position + 1))
    }

    fn map<T, R>(&self, items: &[T], mut make: impl FnMut(String, &T) -> R) -> Vec<R> {
        let numbered = self.order.iter().enumerate();
        numbered.map(|(place, &index)| make(format!("{}{}", self.prefix, place + 1), &items[index])).collect()
    }
}

/// Everything that makes one part of the report.
struct Builder<'a> {
    case: Case<'a>,
    paths: &'a Numbering,
    stores: &'a Numbering,
}

impl Builder<'_> {
    fn check(&self, verdict: &Verdict) -> CheckResult {
        CheckResult {
            id: verdict.check.id().to_owned(),
            name: verdict.check.name().to_owned(),
            severity: self.case.severity(verdict.check).into(),
            status: verdict.status.into(),
            reason: verdict.reason.into(),
            detail: verdict.detail.clone(),
            counts: counts(&verdict.counts),
            findings: self.ids(&verdict.findings),
            warnings: self.ids(&verdict.warnings),
        }
    }

    /// Ids in order of the report.
    fn ids(&self, items: &[Item]) -> Vec<String> {
        let mut items: Vec<(usize, Option<String>)> = items
            .iter()
            .map(|&item| match item {
                Item::Path(index) => (self.paths.position[index], self.paths.id(index)),
                Item::Store(index) => (self.stores.position[index], self.stores.id(index)),
            })
            .collect();
        items.sort();
        items.into_iter().filter_map(|(_, id)| id).collect()
    }

    /// Services in order of their folders.
    fn services(&self, judgement: &Judgement) -> Vec<Service> {
        let services = self.case.realtime.services.iter().zip(&judgement.services).enumerate();
        let mut services: Vec<Service> = services
            .map(|(index, (service, verdicts))| {
                let root = self.case.service_root(ServiceId(index as u32));
                let package = service.package.map(|package| self.case.project.package(package));
                let name = package.and_then(|package| package.name.as_deref()).or(root.file_name()).unwrap_or(".");
                let checks = verdicts.iter().map(|verdict| self.check(verdict)).collect();
                Service { root: root.to_string(), name: name.to_owned(), checks }
            })
            .collect();
        services.sort_by(|left, right| left.root.cmp(&right.root));
        services
    }

    fn path(&self, id: String, path: &realtime::BroadcastPath) -> BroadcastPath {
        let endpoint = path.endpoint.map(|endpoint| {
            let location = self.case.location(self.case.realtime.endpoints[endpoint.0 as usize].place);
            Line { file: location.file.into_string(), line: location.line }
        });
        let identity = self.case.path_identity(path);
        BroadcastPath {
            id,
            service: self.service(path.service),
            location: self.location(path.place),
            code: self.case.code(path.place),
            function: Some(identity.function).filter(|name| !name.is_empty()),
            fingerprint: identity.fingerprint,
            transport: path.transport.clone(),
            operation: path.operation.clone(),
            event: path.event.clone(),
            scope: path.scope.into(),
            reach: path.reach.into(),
            classification: path.reach.into(),
            mechanism: path.mechanism.into(),
            backend: path.backend.clone(),
            role: path.local_echo.then_some(Role::LocalEcho),
            condition: path.condition.clone(),
            defect: path.defect.map(Into::into),
            confidence: path.confidence.into(),
            endpoint,
            evidence: self.evidence(&path.evidence),
            triggers: path.triggers.iter().map(|trigger| self.trigger(trigger)).collect(),
            suppressed: path.suppressed.as_ref().map(suppressed),
        }
    }

    fn trigger(&self, trigger: &realtime::Trigger) -> Trigger {
        let frame = |frame: &realtime::Frame| Frame {
            function: frame.function.clone(),
            location: self.location(frame.place),
        };
        Trigger {
            kind: trigger.kind.into(),
            name: trigger.name.clone(),
            location: self.location(trigger.place),
            reach: trigger.reach.into(),
            trace: trigger.trace.iter().map(frame).collect(),
        }
    }

    fn store(&self, id: String, store: &realtime::StateStore) -> StateStore {
        let identity = self.case.store_identity(store);
        StateStore {
            id,
            service: self.service(store.service),
            location: self.location(store.place),
            name: store.name.clone(),
            function: Some(identity.function).filter(|name| !name.is_empty()),
            fingerprint: identity.fingerprint,
            container: store.container.clone(),
            state_type: store.state_type.into(),
            also_types: store.also_types.iter().map(|&each| each.into()).collect(),
            classification: store.class.into(),
            backend: store.backend.clone(),
            condition: store.condition.clone(),
            covered: store.covered,
            confidence: store.confidence.into(),
            evidence: self.evidence(&store.evidence),
            suppressed: store.suppressed.as_ref().map(suppressed),
        }
    }

    fn integration(&self, id: String, integration: &realtime::Integration) -> Integration {
        Integration {
            id,
            service: self.service(integration.service),
            kind: integration.kind.into(),
            backend: integration.backend.clone(),
            package: integration.package.clone(),
            location: self.location(integration.place),
        }
    }

    fn deployment(&self) -> Deployment {
        let declared = self.case.config.single_instance.as_ref().map(|declared| Declared {
            instances: Instances::Single,
            reason: declared.reason.clone(),
            location: contract(&declared.location),
        });
        let evidence = self.case.evidence.iter().map(|evidence| DeploymentEvidence {
            kind: evidence.kind.clone(),
            value: evidence.value.clone(),
            multi_instance: evidence.proves_several(),
            workload: evidence.workload.clone(),
            services: evidence.services.iter().map(|&index| self.service(ServiceId(index as u32))).collect(),
            location: contract(&evidence.location),
        });
        Deployment { declared, evidence: evidence.collect() }
    }

    /// Advisories in order of place.
    fn advisories(&self) -> Vec<Advisory> {
        let mut advisories: Vec<Advisory> = self
            .case
            .realtime
            .advisories
            .iter()
            .map(|advisory| Advisory {
                code: advisory.code.clone(),
                service: advisory.service.map(|service| self.service(service)),
                message: advisory.message.clone(),
                location: self.location(advisory.place),
                related: self.evidence(&advisory.related),
            })
            .collect();
        advisories.sort_by(|left, right| (&left.location, &left.code).cmp(&(&right.location, &right.code)));
        advisories
    }

    fn remedies(&self, remedies: Vec<remedies::Remedy>) -> Vec<Remedy> {
        let edit = |edit: remedies::Edit| Edit {
            location: contract(
                &self.case.project.location(edit.file, source::Span { start: edit.offset, end: edit.offset }),
            ),
            text: edit.text,
        };
        let numbered = (1..).zip(remedies);
        let remedy = |(number, remedy): (usize, remedies::Remedy)| Remedy {
            id: format!("r{number}"),
            service: self.service(remedy.service),
            title: remedy.title,
            text: (!remedy.text.is_empty()).then_some(remedy.text),
            findings: self.ids(&remedy.findings),
            location: remedy.place.map(|place| self.location(place)),
            install: remedy.install,
            code: (!remedy.code.is_empty()).then_some(remedy.code),
            edits: remedy.edits.into_iter().map(edit).collect(),
        };
        numbered.map(remedy).collect()
    }

    fn stats(&self, packages: Vec<String>) -> Stats {
        let modules = &self.case.graph.modules;
        Stats {
            files_seen: self.case.project.files_seen,
            files_by_role: self.roles(),
            packages,
            files_parsed: modules.len(),
            bytes_parsed: modules.iter().map(|module| self.case.project.file(module.file).text.len()).sum(),
        }
    }

    fn roles(&self) -> FilesByRole {
        let mut roles = FilesByRole::default();
        for file in &self.case.project.files {
            *match file.role {
                source::FileRole::Source => &mut roles.product,
                source::FileRole::Test => &mut roles.tests,
                source::FileRole::Example => &mut roles.examples,
                source::FileRole::Tooling => &mut roles.tooling,
                source::FileRole::Client => &mut roles.client,
                source::FileRole::Vendored => &mut roles.vendored,
            } += 1;
        }
        roles
    }

    fn evidence(&self, evidence: &[realtime::Evidence]) -> Vec<Evidence> {
        let link =
            |link: &realtime::Evidence| Evidence { what: link.what.clone(), location: self.location(link.place) };
        evidence.iter().map(link).collect()
    }

    fn service(&self, service: ServiceId) -> String {
        self.case.service_root(service).to_string()
    }

    fn location(&self, place: Place) -> Location {
        contract(&self.case.location(place))
    }
}

fn contract(location: &source::Location) -> Location {
    Location {
        file: location.file.to_string(),
        line: location.line,
        column: location.column,
        end_line: location.end_line,
        end_column: location.end_column,
    }
}

fn suppressed(suppression: &realtime::Suppression) -> Suppressed {
    let (by, reason) = match suppression {
        realtime::Suppression::Comment(reason) => (SuppressedBy::Comment, Some(reason.clone())),
        realtime::Suppression::LocalFlag => (SuppressedBy::LocalFlag, None),
        realtime::Suppression::Fallback(condition) => (SuppressedBy::Fallback, Some(condition.clone())),
        realtime::Suppression::Baseline => (SuppressedBy::Baseline, None),
    };
    Suppressed { by, reason }
}

fn counts(counts: &checks::Counts) -> Counts {
    match counts {
        checks::Counts::Paths(counts) => {
            let kind = |(&kind, &count): (&realtime::Mechanism, &usize)| {
                (super::words::Mechanism::from(kind).word().to_owned(), count)
            };
            let integrations_by_kind: BTreeMap<String, usize> = counts.integrations.iter().map(kind).collect();
            Counts::Paths(PathCounts {
                paths: counts.in_process + counts.pubsub_backed,
                in_process: counts.in_process,
                pubsub_backed: counts.pubsub_backed,
                suppressed: counts.suppressed,
                integrations: counts.crossing(),
                integrations_by_kind,
            })
        }
        checks::Counts::State(counts) => {
            let held = counts.held();
            let words = |types: &std::collections::BTreeSet<realtime::StateType>| {
                types.iter().map(|&each| each.into()).collect()
            };
            Counts::State(StateCounts {
                stores: counts.stores,
                suppressed: counts.suppressed,
                held: held.len(),
                shared: counts.shared.len(),
                sole: counts.sole.len(),
                held_types: words(&held),
                shared_types: words(&counts.shared),
                sole_types: words(&counts.sole),
            })
        }
    }
}

/// Problems in order of file and line, each once.
fn problems(mut problems: Vec<source::Problem>) -> Vec<Problem> {
    problems.sort();
    problems.dedup();
    let problem = |problem: source::Problem| Problem {
        file: problem.file.into_string(),
        kind: problem.kind.into(),
        message: problem.message,
        line: problem.line,
    };
    problems.into_iter().map(problem).collect()
}
