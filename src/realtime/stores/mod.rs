//! State stores (SPEC section 3): where realtime state lives, what it is, and whether another instance sees it.
//!
//! - `declarations` finds the variables that outlive a handler call, `accesses` and `sent` what is done with them.
//! - `memory` judges them, `traits` gathers the evidence and `types` decides by it.
//! - `tables` are the transports' own rooms, `databases` everything behind a driver, `copies` relates the two.

mod accesses;
mod copies;
mod databases;
mod declarations;
mod heap;
mod meanings;
mod memo;
mod memory;
mod owners;
mod reach;
mod sent;
mod tables;
#[cfg(test)]
mod tests;
mod traits;
mod types;

use crate::flow::{FunctionRef, ValueFlow, ValueId};
use crate::modules::ModuleId;
use crate::realtime::{EndpointId, Place, Realtime, ServiceId, StateStore, StateType};
use crate::rules::Vocabulary;
use crate::source::{PackageId, Project};
use accesses::AccessIndex;
use heap::Heap;
use reach::Reach;
use rustc_hash::FxHashSet;
use sent::Sent;

/// The state type that an identifier's words suggest; the last resort of every decision.
pub type Hint<'h> = &'h dyn Fn(&str) -> Option<StateType>;

/// The endpoint that a value is or was derived from.
pub type EndpointOf<'e> = &'e dyn Fn(ValueId) -> Option<EndpointId>;

/// What every part of the search reads.
struct Search<'s, 'a> {
    project: &'s Project,
    realtime: &'s Realtime,
    heap: Heap<'s, 'a>,
    accesses: AccessIndex,
    reach: Reach<'s, 'a>,
    /// What ends up in messages, by way of stores too.
    sent: Sent,
    /// What is itself handed over as a message; what only answers a request is none.
    delivered: Sent,
    /// Functions that subscribe at a broker.
    subscribers: FxHashSet<FunctionRef>,
    /// Functions that read a transport's list of connections.
    listing: FxHashSet<FunctionRef>,
    endpoint_of: EndpointOf<'s>,
    hint: Hint<'s>,
    /// Words of columns and rows.
    vocabulary: &'s Vocabulary,
}

/// Finds the state stores of a program whose services, endpoints and broadcast paths are known; ordered by place.
pub fn find<'a>(
    project: &Project,
    flow: &ValueFlow<'a>,
    realtime: &Realtime,
    endpoint_of: EndpointOf,
    hint: Hint,
    vocabulary: &Vocabulary,
) -> Vec<StateStore> {
    if realtime.services.is_empty() {
        return Vec::new();
    }
    let search = Search::new(project, flow, realtime, endpoint_of, (hint, vocabulary));
    let mut memory = memory::find(&search);
    let databases = databases::find(&search);
    copies::mark(flow, &search.reach, &mut memory, &databases);
    let mut stores = tables::find(&search);
    stores.extend(memory.into_iter().chain(databases).map(|(store, _)| store));
    stores.sort_by(|one, other| (one.place, &one.name, one.class).cmp(&(other.place, &other.name, other.class)));
    stores
}

impl<'s, 'a> Search<'s, 'a> {
    fn new(
        project: &'s Project,
        flow: &'s ValueFlow<'a>,
        realtime: &'s Realtime,
        endpoint_of: EndpointOf<'s>,
        (hint, vocabulary): (Hint<'s>, &'s Vocabulary),
    ) -> Self {
        let heap = Heap::new(flow);
        let accesses = AccessIndex::new(&heap);
        let deliveries: Vec<Place> = realtime.paths.iter().map(|path| path.place).collect();
        let reach = Reach::new(flow, &deliveries);
        let sent = Sent::new(&heap, &accesses, &reach, true);
        let delivered = Sent::new(&heap, &accesses, &reach, false);
        let subscribers = memory::subscribers(flow);
        let listing = tables::listing(flow);
        Search {
            project,
            realtime,
            heap,
            accesses,
            reach,
            sent,
            delivered,
            subscribers,
            listing,
            endpoint_of,
            hint,
            vocabulary,
        }
    }

    /// The service that a store belongs to: that of its file's package, else that of the code which uses it.
    fn service(&self, module: ModuleId, users: impl IntoIterator<Item = FunctionRef>) -> ServiceId {
        let own = self.service_of(module);
        let used = || {
            users.into_iter().find_map(|function| {
                let causes = self.reach.causes(function);
                let sites = causes.iter().filter_map(|cause| cause.site);
                sites.map(|site| site.module).chain([function.module]).find_map(|module| self.service_of(module))
            })
        };
        own.or_else(used).unwrap_or(ServiceId(0))
    }

    fn service_of(&self, module: ModuleId) -> Option<ServiceId> {
        let file = self.heap.flow.graph.module(module).file;
        let package: Option<PackageId> = self.project.file(file).package;
        let position = self.realtime.services.iter().position(|service| service.package == package);
        position.map(|index| ServiceId(index as u32))
    }
}
