//! Adapters on endpoints: what is attached where, under which condition, and whether it can work.

use super::clients::{Proof, adapter_defect, clients_at, declared_package};
use super::conditions::{Condition, condition_of_setup};
use super::endpoints::Endpoints;
use super::model::{Attachment, Defect, Evidence, Mechanism, Place, Reach};
use super::places::{Standing, standing};
use super::program::Program;
use crate::facts::{ExprKind, MemberKind};
use crate::flow::{AbstractValue, ApiUse, ClassRef, Confidence, ExprRef, FunctionRef, ValueId};
use crate::rules::{Operation, Role};
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// An attachment with what the report does not need.
#[derive(Debug, Clone)]
pub(crate) struct AttachmentFacts {
    /// Index of the endpoint.
    pub(crate) endpoint: usize,
    /// For the report.
    pub(crate) attachment: Attachment,
    /// What carries the broadcasts: the adapter itself, a hosted service, an engine.
    pub(crate) mechanism: Mechanism,
    /// The condition, as the code has it.
    pub(crate) condition: Option<Condition>,
    /// Whether no rule knows the adapter.
    pub(crate) unknown: bool,
    /// How it speaks over its backend; none where that is not known.
    pub(crate) protocol: Option<String>,
    /// The call that attaches.
    pub(crate) site: ExprRef,
    /// Whether connections that are there already do not get it.
    pub(crate) early: bool,
}

/// An adapter before it is known where it is attached.
struct Adapter {
    mechanism: Mechanism,
    reach: Reach,
    backend: Option<String>,
    protocol: Option<String>,
    package: Option<String>,
    confidence: Confidence,
    clients: Vec<Standing>,
    evidence: Vec<Evidence>,
    unknown: bool,
    /// Where it is made.
    made: Option<ExprRef>,
}

/// All attachments, ordered by endpoint and place.
pub(crate) fn attachments(program: &Program, endpoints: &Endpoints) -> Vec<AttachmentFacts> {
    let mut found = Vec::new();
    for api_use in &program.flow.uses {
        let Some(attach) = program.flow.operation(api_use).and_then(|operation| operation.attach.as_ref()) else {
            continue;
        };
        if !program.is_alive(program.function_at(api_use.site)) {
            continue;
        }
        let targets: BTreeSet<usize> = standing(program, api_use, &attach.to)
            .values
            .iter()
            .filter_map(|&value| endpoints.of(program, value))
            .collect();
        let given = standing(program, api_use, &attach.adapter);
        let adapters = adapters(program, &given);
        for endpoint in targets {
            found.extend(adapters.iter().map(|adapter| attached(program, endpoint, api_use, adapter, given.expr)));
        }
    }
    found.extend(installed(program, endpoints, &found));
    found.sort_by_key(|each| (each.endpoint, each.attachment.place, each.attachment.defect));
    found.dedup_by(|one, other| {
        one.endpoint == other.endpoint
            && one.attachment.place == other.attachment.place
            && one.attachment.backend == other.attachment.backend
            && one.protocol == other.protocol
    });
    found
}

fn attached(
    program: &Program,
    endpoint: usize,
    api_use: &ApiUse,
    adapter: &Adapter,
    written: Option<ExprRef>,
) -> AttachmentFacts {
    let words: Vec<&str> = adapter.backend.as_deref().into_iter().collect();
    // Which process of a machine runs the code is no matter of configuration.
    let condition = (adapter.reach == Reach::Cluster)
        .then(|| {
            let chosen = written.and_then(|written| chosen_operand(program, written));
            chosen
                .and_then(|operand| condition_of_setup(program, operand, &words))
                .or_else(|| condition_of_setup(program, api_use.site, &words))
                .or_else(|| condition_of_setup(program, adapter.made?, &words))
        })
        .flatten();
    let proof: Option<Proof> = adapter_defect(program, &adapter.clients);
    let place = program.place(api_use.site);
    let mut evidence = vec![Evidence { what: "adapter attached".to_owned(), place }];
    evidence.extend(adapter.evidence.iter().cloned());
    let defect = proof.map(|(defect, reasons)| {
        evidence.extend(reasons);
        defect
    });
    let attachment = Attachment {
        place,
        reach: adapter.reach,
        backend: adapter.backend.clone(),
        package: adapter.package.clone(),
        condition: condition.as_ref().map(Condition::shown),
        defect,
        confidence: adapter.confidence,
        evidence,
    };
    AttachmentFacts {
        endpoint,
        attachment,
        mechanism: adapter.mechanism,
        condition,
        unknown: adapter.unknown,
        protocol: adapter.protocol.clone(),
        site: api_use.site,
        early: program
            .flow
            .operation(api_use)
            .and_then(|operation| operation.attach.as_ref())
            .is_some_and(|attach| attach.early),
    }
}

/// The operand of `url ? createAdapter(url) : undefined` that makes the adapter.
fn chosen_operand(program: &Program, written: ExprRef) -> Option<ExprRef> {
    let written = program.resolve(written);
    let ExprKind::Union(operands) = &program.expr(written).kind else { return None };
    let mut made = operands.iter().map(|&operand| program.at(written, operand)).filter(|&operand| {
        let kind = &program.expr(program.peel(operand)).kind;
        matches!(kind, ExprKind::Call { .. } | ExprKind::New { .. })
    });
    made.next()
}

/// What the values given as an adapter are.
fn adapters(program: &Program, given: &Standing) -> Vec<Adapter> {
    let written = given.expr.map(|expr| &program.expr(program.peel(expr)).kind);
    if given.expr.is_none() && given.values.is_empty()
        || matches!(written, Some(ExprKind::Nullish | ExprKind::Bool(_)))
    {
        return Vec::new();
    }
    let mut seen = FxHashSet::default();
    let mut found: Vec<Adapter> =
        given.values.iter().filter_map(|&value| adapter(program, value, &mut seen)).collect();
    let traced = given.values.iter().any(|&value| *program.flow.value(value) != AbstractValue::Unknown);
    if found.is_empty() && !traced {
        found.push(Adapter::unknown(None));
    }
    // Several values of one backend are one adapter seen through several variables.
    found.sort_by_key(|each| {
        (std::cmp::Reverse(each.reach), each.unknown, each.backend.clone(), each.protocol.clone())
    });
    found.dedup_by(|one, other| {
        one.reach == other.reach && one.backend == other.backend && one.protocol == other.protocol
    });
    if found.iter().any(|each| !each.unknown) {
        found.retain(|each| !each.unknown);
    }
    found
}

impl Adapter {
    fn unknown(package: Option<String>) -> Adapter {
        Adapter {
            mechanism: Mechanism::Adapter,
            reach: Reach::Cluster,
            backend: Some("unknown".to_owned()),
            protocol: None,
            package,
            confidence: Confidence::Inferred,
            clients: Vec::new(),
            evidence: Vec::new(),
            unknown: true,
            made: None,
        }
    }
}

fn adapter(program: &Program, value: ValueId, seen: &mut FxHashSet<ValueId>) -> Option<Adapter> {
    if !seen.insert(value) {
        return None;
    }
    if let AbstractValue::Package { package, .. } = program.flow.value(value) {
        return Some(Adapter::unknown(Some(package.to_string())));
    }
    if let (Some(api), Role::Adapter(role)) = (program.api(value), program.role(value)) {
        let library = matches!(program.flow.value(value), AbstractValue::Api(_));
        let stranded = role.needs_hub && forks_without_hub(program);
        let reach = if stranded { Reach::Process } else { reach(&role.reach) };
        if library || reach == Reach::Cluster {
            let clients = api.site.map(|site| clients_at(program, site)).unwrap_or_default();
            let module = api.site.map(|site| site.module);
            let evidence =
                api.site.map(|site| Evidence { what: "adapter created".to_owned(), place: program.place(site) });
            return Some(Adapter {
                mechanism: Mechanism::of_rule(&role.mechanism),
                reach,
                backend: role.backend.clone(),
                protocol: role.protocol.clone(),
                package: module.and_then(|module| declared_package(program, api.ty, module)),
                confidence: api.confidence,
                clients,
                evidence: evidence.into_iter().collect(),
                unknown: false,
                made: api.site,
            });
        }
    }
    let code = match program.flow.value(value) {
        AbstractValue::Class(class) | AbstractValue::Instance(class) => class_code(program, *class),
        AbstractValue::Function(function) => {
            let returned = returned_adapter(program, *function, seen);
            if returned.is_some() {
                return returned;
            }
            program.reachable(*function)
        }
        AbstractValue::Bound(target, _) => return adapter(program, *target, seen),
        _ => return None,
    };
    Some(hand_written(program, &code))
}

fn returned_adapter(program: &Program, function: FunctionRef, seen: &mut FxHashSet<ValueId>) -> Option<Adapter> {
    let returns = &program.function(function).returns;
    let results = returns.iter().map(|&result| ExprRef { module: function.module, expr: result });
    results
        .flat_map(|result| program.flow.values(result).iter().copied())
        .find_map(|value| adapter(program, value, seen))
}

/// The functions of a class, its project superclasses, and what they run.
fn class_code(program: &Program, class: ClassRef) -> FxHashSet<FunctionRef> {
    let mut code = FxHashSet::default();
    for class in lineage(program, class) {
        for member in &program.flow.facts(class.module).class(class.class).members {
            if let MemberKind::Method(function) | MemberKind::Getter(function) | MemberKind::Setter(function) =
                member.kind
            {
                code.extend(program.reachable(FunctionRef { module: class.module, function }));
            }
        }
        if let Some(function) = program.flow.facts(class.module).class(class.class).constructor {
            code.extend(program.reachable(FunctionRef { module: class.module, function }));
        }
    }
    code
}

/// A class and the project classes it extends.
fn lineage(program: &Program, class: ClassRef) -> Vec<ClassRef> {
    let mut found = vec![class];
    let mut next = 0;
    while let Some(&each) = found.get(next) {
        next += 1;
        for &parent in program.flow.superclasses(each) {
            if !found.contains(&parent) {
                found.push(parent);
            }
        }
    }
    found
}

/// Whether the program forks, and nothing makes the forking process hand messages on. One that others fork is theirs.
fn forks_without_hub(program: &Program) -> bool {
    let runs = |does: fn(&Operation) -> bool| {
        program.flow.uses.iter().any(|api_use| {
            program.flow.operation(api_use).is_some_and(does) && program.is_alive(program.function_at(api_use.site))
        })
    };
    runs(|operation| operation.fork) && !runs(|operation| operation.hub)
}

/// A local class or function is shared only if a broker client is used inside it.
fn hand_written(program: &Program, code: &FxHashSet<FunctionRef>) -> Adapter {
    let mut brokers: Vec<(Place, &str)> = Vec::new();
    code.iter().for_each(|&function| {
        for api_use in program.uses_in(function) {
            let carries = program
                .flow
                .operation(api_use)
                .is_some_and(|operation| operation.publish.is_some() || operation.subscribe.is_some());
            let role = api_use.receiver.and_then(|receiver| program.broker(receiver));
            if let Some(role) = role.filter(|role| carries && !role.mock) {
                brokers.push((program.place(api_use.site), &role.backend));
            }
        }
    });
    brokers.sort();
    let first = brokers.first();
    Adapter {
        mechanism: Mechanism::Adapter,
        reach: if first.is_some() { Reach::Cluster } else { Reach::Process },
        backend: first.map(|(_, backend)| (*backend).to_owned()),
        protocol: None,
        package: None,
        confidence: Confidence::Certain,
        clients: Vec::new(),
        evidence: first
            .map(|&(place, _)| Evidence { what: "adapter uses a broker".to_owned(), place })
            .into_iter()
            .collect(),
        unknown: false,
        made: None,
    }
}

fn reach(word: &str) -> Reach {
    match word {
        "cluster" => Reach::Cluster,
        "host" => Reach::Host,
        _ => Reach::Process,
    }
}

/// Attachments that reach endpoints through a framework adapter: those on the servers that the installed class
/// creates, or, with a defect, those of a class that nothing installs.
fn installed(program: &Program, endpoints: &Endpoints, found: &[AttachmentFacts]) -> Vec<AttachmentFacts> {
    let waiting: Vec<usize> =
        (0..endpoints.list.len()).filter(|&each| endpoints.list[each].role.adapter_installed).collect();
    if waiting.is_empty() {
        return Vec::new();
    }
    let mut taken = Vec::new();
    let mut used: BTreeSet<ClassRef> = BTreeSet::new();
    for api_use in &program.flow.uses {
        let Some(place) = program.flow.operation(api_use).and_then(|operation| operation.install.as_ref()) else {
            continue;
        };
        if !program.is_alive(program.function_at(api_use.site)) {
            continue;
        }
        let given = standing(program, api_use, place);
        for &value in &given.values {
            let AbstractValue::Instance(class) = program.flow.value(value) else { continue };
            used.extend(lineage(program, *class));
        }
        for adapter in adapters(program, &given).iter().filter(|adapter| adapter.reach == Reach::Cluster) {
            let is_class =
                given.values.iter().any(|&value| matches!(program.flow.value(value), AbstractValue::Instance(_)));
            if !is_class && !adapter.unknown {
                taken.extend(
                    waiting.iter().map(|&endpoint| attached(program, endpoint, api_use, adapter, given.expr)),
                );
            }
        }
    }
    for each in found {
        let Some(class) = framework_class(program, each.site) else { continue };
        for &endpoint in &waiting {
            let mut copy = AttachmentFacts { endpoint, ..each.clone() };
            if !used.contains(&class) {
                copy.attachment.defect = Some(Defect::AdapterNotInstalled);
                let span = program.flow.facts(class.module).class(class.class).span;
                let place = Place { module: class.module, span };
                copy.attachment.evidence.push(Evidence { what: "nothing installs this adapter".to_owned(), place });
            }
            taken.push(copy);
        }
    }
    taken
}

/// The framework adapter class in whose methods an expression stands.
pub(crate) fn framework_class(program: &Program, at: ExprRef) -> Option<ClassRef> {
    let function = program.this_function(program.function_at(at));
    let class = ClassRef { module: at.module, class: program.function(function).class? };
    let base = lineage(program, class).into_iter().find_map(|each| program.flow.instance_base(each))?;
    matches!(program.role(base), Role::Adapter(_)).then_some(class)
}
