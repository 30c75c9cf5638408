//! Code that several services run: a package of the workspace that others import is no service of its own. What it holds
//! belongs to each service that uses it.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::model::{Realtime, Service, ServiceId};
use crate::flow::ValueFlow;
use crate::modules::ModuleId;
use crate::source::{PackageId, Project};

/// Gives what shared packages hold to the services that use them.
pub(crate) fn share(project: &Project, flow: &ValueFlow, realtime: &mut Realtime) {
    let importers = flow.graph.importers();
    let package = |module: ModuleId| project.file(flow.graph.module(module).file).package;
    for index in 0..realtime.services.len() {
        let id = ServiceId(index as u32);
        let own = realtime.services[index].package;
        let held: Vec<ModuleId> = realtime
            .endpoints
            .iter()
            .filter(|endpoint| endpoint.service == id)
            .map(|endpoint| endpoint.place.module)
            .filter(|&module| package(module) == own)
            .collect();
        if held.is_empty() {
            continue;
        }
        let mut users = BTreeSet::new();
        for module in entries(held, &importers) {
            users.insert(package(module));
        }
        let runs_itself = users.remove(&own);
        let mut users: Vec<ServiceId> = users.into_iter().map(|package| service_of(realtime, package)).collect();
        if !runs_itself && !users.is_empty() {
            let first = users.remove(0);
            for service in services_of_rows(realtime).filter(|service| **service == id) {
                *service = first;
            }
        }
        if !users.is_empty() {
            for module in flow.graph.ids().filter(|&module| package(module) == own) {
                realtime.shared.entry(module).or_default().extend(users.iter().copied());
            }
        }
    }
    drop_unused(realtime);
}

/// The modules that nothing imports and that lead to one of `held`.
fn entries(held: Vec<ModuleId>, importers: &[Vec<ModuleId>]) -> Vec<ModuleId> {
    let mut seen = FxHashSet::default();
    let mut pending = held;
    let mut entries = Vec::new();
    while let Some(module) = pending.pop() {
        if !seen.insert(module) {
            continue;
        }
        match importers[module.index()].as_slice() {
            [] => entries.push(module),
            others => pending.extend(others),
        }
    }
    entries
}

fn service_of(realtime: &mut Realtime, package: Option<PackageId>) -> ServiceId {
    let known = realtime.services.iter().position(|service| service.package == package);
    let index = known.unwrap_or_else(|| {
        realtime.services.push(Service { package });
        realtime.services.len() - 1
    });
    ServiceId(index as u32)
}

/// The service of everything that has one.
fn services_of_rows(realtime: &mut Realtime) -> impl Iterator<Item = &mut ServiceId> {
    let endpoints = realtime.endpoints.iter_mut().map(|each| &mut each.service);
    let paths = realtime.paths.iter_mut().map(|each| &mut each.service);
    let stores = realtime.stores.iter_mut().map(|each| &mut each.service);
    let integrations = realtime.integrations.iter_mut().map(|each| &mut each.service);
    let advisories = realtime.advisories.iter_mut().filter_map(|each| each.service.as_mut());
    let forks = realtime.forks.iter_mut().flat_map(|each| each.services.iter_mut());
    endpoints.chain(paths).chain(stores).chain(integrations).chain(advisories).chain(forks)
}

/// Drops shared packages from the services, and numbers the others anew.
fn drop_unused(realtime: &mut Realtime) {
    let before = realtime.services.len();
    let mut used: BTreeSet<ServiceId> = services_of_rows(realtime).map(|service| *service).collect();
    used.extend(realtime.shared.values().flatten().copied());
    let is_used = |index: usize| used.contains(&ServiceId(index as u32));
    let mut number = 0;
    let numbers: Vec<ServiceId> = (0..before)
        .map(|index| {
            let own = ServiceId(number);
            number += u32::from(is_used(index));
            own
        })
        .collect();
    if number as usize == before {
        return;
    }
    let mut index = 0;
    realtime.services.retain(|_| {
        index += 1;
        is_used(index - 1)
    });
    services_of_rows(realtime).for_each(|service| *service = numbers[service.0 as usize]);
    realtime.shared.values_mut().flatten().for_each(|service| *service = numbers[service.0 as usize]);
}
