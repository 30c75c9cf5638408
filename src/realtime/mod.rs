//! What the program does in realtime: services, endpoints, attachments, relays, triggers, broadcast paths, state
//! stores. Plain data about the program; no verdicts, no text layout.

mod addresses;
mod advisories;
mod attachments;
mod branches;
mod classify;
mod clients;
mod conditions;
mod deliveries;
mod endpoints;
mod forks;
mod keys;
mod lookups;
mod model;
mod notices;
mod objects;
mod order;
mod places;
mod program;
mod provenance;
mod queues;
mod relays;
mod scopes;
mod services;
mod sharing;
pub mod stores;
mod streams;
mod suppressions;
mod triggers;
mod wakes;

pub use model::*;

use crate::flow::ValueFlow;
use crate::rules::Vocabulary;
use crate::source::{Problem, Project};
use attachments::attachments;
use classify::Context;
use deliveries::deliveries;
use endpoints::Endpoints;
use program::Program;
use relays::Relays;
use services::Services;

/// Finds everything that the checks judge.
pub fn analyze<'a>(
    project: &'a Project,
    flow: &'a ValueFlow<'a>,
    vocabulary: &Vocabulary,
) -> (Realtime, Vec<Problem>) {
    let program = Program::new(project, flow);
    let endpoints = Endpoints::new(&program);
    let attachments = attachments(&program, &endpoints);
    let deliveries = deliveries(&program);
    let relays = Relays::new(&program, &deliveries);
    let mut services = Services::new(&program, &endpoints, &attachments);
    let context = Context::new(&program, &endpoints, &attachments, &relays, &deliveries);
    let mut integrations = Vec::new();
    let mut paths = Vec::new();
    for delivery in deliveries {
        let (path, used) = context.classify(&delivery, &mut services);
        integrations.extend(used);
        paths.push((delivery, path));
    }
    let advisories = advisories::advisories(&program, &endpoints, &attachments, &paths, &mut services);
    let forks = forks::forks(&program, &endpoints, &services);
    let reported: Vec<_> = (0..endpoints.list.len()).map(|index| services.endpoint_id(index)).collect();
    let mut realtime = Realtime {
        services: services.list(),
        endpoints: services.endpoints,
        paths: paths.into_iter().map(|(_, path)| path).collect(),
        stores: Vec::new(),
        integrations,
        advisories,
        forks,
        shared: Default::default(),
    };
    realtime.paths.sort_by_key(|path| path.place);
    let endpoint_of = |value| endpoints.of(&program, value).and_then(|index| reported[index]);
    let hint = |identifier: &str| vocabulary.hint(identifier).and_then(state_type);
    realtime.stores = stores::find(project, flow, &realtime, &endpoint_of, &hint, vocabulary);
    sharing::share(project, flow, &mut realtime);
    suppressions::apply(project, flow, &mut realtime);
    realtime.integrations.sort_by_key(|each| (each.place, each.kind, each.backend.clone()));
    realtime.integrations.dedup_by_key(|each| (each.place, each.kind, each.backend.clone()));
    realtime.advisories.sort_by(|one, other| (one.place, &one.code).cmp(&(other.place, &other.code)));
    (realtime, Vec::new())
}

/// The state type of a vocabulary's list.
fn state_type(word: &str) -> Option<StateType> {
    Some(match word {
        "presence" => StateType::Presence,
        "message-history" => StateType::MessageHistory,
        "subscriptions" => StateType::Subscriptions,
        "channel-membership" => StateType::ChannelMembership,
        "connections" => StateType::Connections,
        "other" => StateType::Other,
        _ => return None,
    })
}
