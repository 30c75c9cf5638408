//! Broker clients that cannot carry what an adapter or relay needs of them (SPEC section 2, defects).

use super::model::{Defect, Evidence};
use super::places::{Standing, standing};
use super::program::Program;
use crate::facts::{ExprKind, FunctionId};
use crate::flow::{AbstractValue, ApiObject, Confidence, EdgeKind, ExprRef, FunctionRef, ValueId};
use crate::modules::ModuleId;
use crate::rules::{BrokerRole, Operation};
use node_semver::{Range, Version};

/// A defect with what proves it.
pub(crate) type Proof = (Defect, Vec<Evidence>);

/// What the operations at a site say are the broker clients of the adapter or consumer made there.
pub(crate) fn clients_at(program: &Program, site: ExprRef) -> Vec<Standing> {
    let mut found = Vec::new();
    for (api_use, operation) in program.operations_at(site) {
        found.extend(operation.clients.iter().map(|place| standing(program, api_use, place)));
    }
    found
}

/// The defect of an adapter that is given these clients.
pub(crate) fn adapter_defect(program: &Program, clients: &[Standing]) -> Option<Proof> {
    for client in clients {
        if let Some(proof) = undefined_client(program, client).or_else(|| never_connected(program, &client.values))
        {
            return Some(proof);
        }
    }
    match clients {
        [publisher, subscriber, ..] => one_for_both(program, publisher, subscriber),
        _ => None,
    }
}

/// `client-never-connected`: every value that the client can be is a traced client that needs `connect`, of a
/// version known to need it, and no `connect` on it can run.
pub(crate) fn never_connected(program: &Program, clients: &[ValueId]) -> Option<Proof> {
    let mut evidence = Vec::new();
    for &client in clients {
        let (api, role) = traced_client(program, client)?;
        let range = role.connect_since.as_deref()?;
        let site = api.site?;
        if !is_installed(program, api, site.module, range) || is_connected(program, client) {
            return None;
        }
        evidence.push(Evidence { what: "client is never connected".to_owned(), place: program.place(site) });
    }
    (!evidence.is_empty()).then_some((Defect::ClientNeverConnected, evidence))
}

fn traced_client<'a>(program: &Program<'a>, client: ValueId) -> Option<(&'a ApiObject, &'a BrokerRole)> {
    let api = program.api(client)?;
    (api.confidence == Confidence::Certain).then_some((api, program.broker(client)?))
}

fn is_connected(program: &Program, client: ValueId) -> bool {
    program.uses_of(client).any(|api_use| {
        program.flow.operation(api_use).is_some_and(|operation: &Operation| operation.connect)
            && program.is_alive(program.function_at(api_use.site))
    })
}

/// `one-client-for-both`: one client, made once, is publisher and subscriber.
fn one_for_both(program: &Program, publisher: &Standing, subscriber: &Standing) -> Option<Proof> {
    let same_variable = match (publisher.expr, subscriber.expr) {
        (Some(one), Some(other)) => {
            let (one, other) = (program.binding(one), program.binding(other));
            one.is_some() && one == other
        }
        _ => false,
    };
    match (publisher.values.as_slice(), subscriber.values.as_slice()) {
        ([one], [other]) if one == other => shared_client(program, *one, same_variable),
        _ => None,
    }
}

/// Whether one value stands for one client that cannot do both.
pub(crate) fn shared_client(program: &Program, client: ValueId, same_variable: bool) -> Option<Proof> {
    let (api, role) = traced_client(program, client)?;
    let range = role.separate_clients.as_deref()?;
    let site = api.site?;
    let once = same_variable || is_evaluated_once(program, program.function_at(site));
    if !once || !is_installed(program, api, site.module, range) {
        return None;
    }
    let what = "the same client publishes and subscribes".to_owned();
    Some((Defect::OneClientForBoth, vec![Evidence { what, place: program.place(site) }]))
}

/// Whether a function's code makes one object only: module bodies, and functions with one caller of that kind.
fn is_evaluated_once(program: &Program, function: FunctionRef) -> bool {
    let mut at = function;
    for _ in 0..6 {
        if at.function == FunctionId::MODULE {
            return true;
        }
        let mut callers = program.callers(at);
        match (callers.next(), callers.next()) {
            (Some(only), None) if matches!(only.kind, EdgeKind::Direct | EdgeKind::Continuation) => {
                at = only.caller
            }
            (None, _) => return true,
            _ => return false,
        }
    }
    false
}

/// `client-undefined`: the client is made by a name that nothing defines.
fn undefined_client(program: &Program, client: &Standing) -> Option<Proof> {
    let made = program.resolve(client.expr?);
    let (ExprKind::New { .. } | ExprKind::Call { .. }) = program.expr(made).kind else { return None };
    let callee = program.peel(program.callee(made)?);
    let ExprKind::Global(name) = program.expr(callee).kind else { return None };
    let known = |value: &ValueId| *program.flow.value(*value) != AbstractValue::Unknown;
    if program.flow.values(callee).iter().any(known) {
        return None;
    }
    let name = program.name(callee.module, name);
    let assigned = program.flow.graph.ids().any(|module| {
        let facts = program.flow.facts(module);
        facts
            .stores
            .iter()
            .any(|store| matches!(store.key, crate::facts::StoreKey::Named(key) if facts.name(key) == name))
    });
    if assigned || program.flow.rules.global(name).is_some() {
        return None;
    }
    let what = format!("nothing defines `{name}`");
    Some((Defect::ClientUndefined, vec![Evidence { what, place: program.place(callee) }]))
}

/// Whether the package of a library object is installed in a version that is known to lie in an npm range.
pub(crate) fn is_installed(program: &Program, api: &ApiObject, module: ModuleId, range: &str) -> bool {
    let rules = program.flow.rules;
    let Some(family) = rules.families.get(rules.ty(api.ty).family as usize) else { return false };
    family.packages.iter().any(|package| version_in(program, module, package, range) == Some(true))
}

/// Whether the version of a package, as a module sees it, lies in an npm range; none if it is not known.
pub(crate) fn version_in(program: &Program, module: ModuleId, package: &str, range: &str) -> Option<bool> {
    let wanted = Range::parse(range).ok()?;
    let file = program.project.file(program.file(module));
    let mut folder = Some(file.path.as_path());
    while let Some(at) = folder {
        folder = at.parent();
        let manifest =
            program.project.packages.iter().find(|manifest| folder.is_some_and(|at| manifest.folder == at));
        let Some(manifest) = manifest else { continue };
        if let Some(version) = manifest.locked.get(package).and_then(|locked| Version::parse(locked).ok()) {
            return Some(version.satisfies(&wanted));
        }
        if let Some(declared) = manifest.dependencies.get(package) {
            let declared = Range::parse(declared).ok()?;
            return if wanted.allows_all(&declared) {
                Some(true)
            } else if wanted.allows_any(&declared) {
                None
            } else {
                Some(false)
            };
        }
    }
    None
}

/// The package of a family that a module's manifests declare; the family's first where none is declared.
pub(crate) fn declared_package(program: &Program, ty: crate::rules::TypeId, module: ModuleId) -> Option<String> {
    let rules = program.flow.rules;
    let family = rules.families.get(rules.ty(ty).family as usize)?;
    let file = program.project.file(program.file(module));
    let ancestors: Vec<_> = file.path.ancestors().skip(1).collect();
    let declared = ancestors.iter().find_map(|folder| {
        let manifest = program.project.packages.iter().find(|manifest| manifest.folder == *folder)?;
        family.packages.iter().find(|package| manifest.dependencies.contains_key(*package))
    });
    declared.or(family.packages.first()).cloned()
}
