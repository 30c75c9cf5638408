//! Where a database keeps its data: what its rule says, what a schema file beside the code says, which drivers are
//! installed, and what becomes of a kind that is chosen at run time.

use super::{Entity, EntityKey};
use crate::flow::ValueId;
use crate::modules::ModuleId;
use crate::realtime::stores::Search;
use crate::realtime::stores::heap::role;
use crate::rules::Role;
use crate::source::{PackageId, SchemaFile};
use std::collections::BTreeMap;

/// Where a value keeps state.
pub(super) struct Home<'h> {
    /// The backend's word.
    pub backend: &'h str,
    /// The word of the class.
    pub class: &'h str,
    /// The schema file that describes it.
    pub schema: Option<&'h SchemaFile>,
    /// The family of its rule.
    pub family: &'h str,
}

/// Where a value keeps state. A broker's client that has data commands is a shared database.
pub(super) fn home<'h>(search: &'h Search, id: ValueId, module: ModuleId) -> Option<Home<'h>> {
    let ty = search.heap.flow.api(id)?.ty;
    let family = &search.heap.flow.rules.family(ty).name;
    match role(search.heap.flow, ty) {
        Role::Database(role) => {
            let package = search.project.file(search.heap.flow.graph.module(module).file).package;
            let schema = role.schema.as_ref().and_then(|schema| search.project.schema(package, &schema.ending));
            let provider = schema.and_then(|schema| schema.provider.as_deref());
            let is_local =
                role.schema.iter().flat_map(|schema| &schema.local).any(|each| Some(&**each) == provider);
            let (mut backend, mut class) = (provider.unwrap_or(&role.backend), &*role.class);
            if is_local {
                class = "local-disk";
            } else if let Some((driven, of)) = package.and_then(|package| driven(search, ty, package))
                // What is in memory by default is not where a driver beside it keeps files.
                && (class == "shared" || of == "shared")
                && class != "local-disk"
            {
                (backend, class) = (driven.unwrap_or(backend), of);
            }
            Some(Home { backend, class, schema, family })
        }
        Role::Broker(role) => {
            let class = if role.mock { "in-process" } else { "shared" };
            Some(Home { backend: &role.backend, class, schema: None, family })
        }
        _ => None,
    }
}

/// What the installed drivers say: the only backend that they connect to, and its class. Several of the network leave the
/// backend open, and none says nothing.
fn driven<'h>(
    search: &'h Search,
    ty: crate::rules::TypeId,
    package: PackageId,
) -> Option<(Option<&'h str>, &'static str)> {
    let drivers = &search.heap.flow.rules.family(ty).drivers;
    let installed = |drivers: &'h BTreeMap<String, String>| {
        let backends = drivers.iter().filter(|(name, _)| search.project.depends_on(package, name));
        let mut backends: Vec<&str> = backends.map(|(_, backend)| backend.as_str()).collect();
        backends.sort_unstable();
        backends.dedup();
        backends
    };
    match (installed(&drivers.shared).as_slice(), installed(&drivers.local_disk).as_slice()) {
        ([], []) => None,
        ([], local) => Some((local.first().copied(), "local-disk")),
        ([only], _) => Some((Some(only), "shared")),
        _ => Some((None, "shared")),
    }
}

/// An entity that stands on the local disk or in the network, as the configuration says, is one: shared, if it is not local.
/// Then the same calls go to either; tables of one name in two databases stay two.
pub(super) fn unite(entities: &mut BTreeMap<EntityKey, Entity>) {
    let locals: Vec<EntityKey> = entities.keys().filter(|key| key.class == "local-disk").cloned().collect();
    for local in locals {
        let Some(half) = entities.get(&local) else { continue };
        let meets = |whole: &Entity| {
            whole.accesses.iter().any(|access| half.accesses.iter().any(|other| other.place == access.place))
        };
        let shared = entities.iter().find(|(key, entity)| {
            key.name == local.name && key.class == "shared" && entity.family == half.family && meets(entity)
        });
        let Some(shared) = shared.map(|(key, _)| key.clone()) else { continue };
        if let Some(half) = entities.remove(&local)
            && let Some(whole) = entities.get_mut(&shared)
        {
            whole.condition = Some(format!("the configured database is not {}", local.backend));
            whole.declared = whole.declared.or(half.declared);
            whole.columns.absorb(half.columns);
            let known: Vec<_> = whole.accesses.iter().map(|access| (access.place, access.verb)).collect();
            whole
                .accesses
                .extend(half.accesses.into_iter().filter(|access| !known.contains(&(access.place, access.verb))));
        }
    }
}
