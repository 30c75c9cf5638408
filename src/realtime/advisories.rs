//! What is wired up, but wrong (SPEC section 7, `advisories`). Only what the code proves; nothing here decides a
//! verdict.

use super::attachments::AttachmentFacts;
use super::deliveries::{Delivery, Via};
use super::endpoints::Endpoints;
use super::model::{Advisory, BroadcastPath, Evidence, Mechanism, Reach, ServiceId};
use super::order::opened_before;
use super::program::Program;
use super::services::Services;
use super::triggers::{Bounds, triggers};
use crate::flow::{ExprRef, Member};
use crate::rules::TriggerKind;

/// All advisories about calls, attachments and paths.
pub(crate) fn advisories(
    program: &Program,
    endpoints: &Endpoints,
    attachments: &[AttachmentFacts],
    paths: &[(Delivery, BroadcastPath)],
    services: &mut Services,
) -> Vec<Advisory> {
    let mut found = of_calls(program, services);
    for each in attachments.iter().filter(|each| each.unknown) {
        let name = each.attachment.package.as_deref().unwrap_or("an expression that cannot be traced");
        found.push(Advisory {
            code: "unknown-adapter".to_owned(),
            message: format!("The adapter comes from {name}, which no rule knows; it is taken to be shared."),
            place: each.attachment.place,
            related: Vec::new(),
            service: services.of_endpoint(each.endpoint),
        });
    }
    found.extend(late(program, endpoints, attachments, services));
    for (delivery, path) in paths {
        found.extend(of_path(program, endpoints, attachments, delivery, path));
    }
    found
}

/// Adapters that come when clients may be connected already.
fn late(
    program: &Program,
    endpoints: &Endpoints,
    attachments: &[AttachmentFacts],
    services: &mut Services,
) -> Vec<Advisory> {
    let working = attachments.iter().filter(|each| each.early && each.attachment.defect.is_none());
    let late = working.filter_map(|each| {
        let opened = opened_before(program, endpoints, each.endpoint, each.site)?;
        Some(Advisory {
            code: "adapter-attached-late".to_owned(),
            message: "Clients can connect before the adapter is attached: those that do receive no broadcast, \
                      not even later."
                .to_owned(),
            place: each.attachment.place,
            related: vec![Evidence { what: "clients can connect from here on".to_owned(), place: opened }],
            service: services.of_endpoint(each.endpoint),
        })
    });
    let mut found: Vec<Advisory> = late.collect();
    found.dedup_by_key(|each| each.place);
    found
}

/// Advisories that rules attach to calls, and to properties that a version does not have.
fn of_calls(program: &Program, services: &mut Services) -> Vec<Advisory> {
    let mut found: Vec<Advisory> = Vec::new();
    for api_use in &program.flow.uses {
        let of_property = || match api_use.member {
            Member::AbsentProperty(_) => program.flow.property(api_use).and_then(|each| each.advisory.as_ref()),
            _ => None,
        };
        let of_call = program.flow.operation(api_use).and_then(|each| each.advisory.as_ref());
        let Some((code, message)) = of_call.or_else(of_property) else { continue };
        let place = program.place(api_use.site);
        let known = found.iter().any(|each| each.place == place && each.code == *code);
        if known || !program.is_alive(program.function_at(api_use.site)) {
            continue;
        }
        let service = Some(services.of_module(program, place.module));
        found.push(Advisory { code: code.clone(), message: message.clone(), place, related: Vec::new(), service });
    }
    found
}

fn of_path(
    program: &Program,
    endpoints: &Endpoints,
    attachments: &[AttachmentFacts],
    delivery: &Delivery,
    path: &BroadcastPath,
) -> Option<Advisory> {
    let receivers = delivery.uses.iter().filter_map(|each| each.receiver);
    let endpoint = receivers.filter_map(|receiver| endpoints.of(program, receiver)).min()?;
    let adapter = attachments.iter().find(|each| {
        each.endpoint == endpoint && each.attachment.defect.is_none() && each.attachment.reach == Reach::Cluster
    })?;
    let advisory = |code: &str, message: &str, related: Vec<Evidence>| Advisory {
        code: code.to_owned(),
        message: message.to_owned(),
        place: path.place,
        related,
        service: Some(path.service),
    };
    let attached = Evidence { what: "adapter attached".to_owned(), place: adapter.attachment.place };
    match &delivery.via {
        Via::Handle { picked: Some(_), remote: false } if path.mechanism == Mechanism::None => Some(advisory(
            "adapter-bypassed",
            "Connections are taken from a table of this instance, so the adapter does not carry the message.",
            vec![attached],
        )),
        Via::Endpoint { local: false } if path.mechanism == Mechanism::Adapter => {
            let subscription = path
                .triggers
                .iter()
                .find(|trigger| matches!(trigger.kind, TriggerKind::Subscription | TriggerKind::ChangeFeed));
            if let Some(subscription) = subscription {
                let received =
                    Evidence { what: "every instance receives this".to_owned(), place: subscription.place };
                return Some(advisory(
                    "duplicate-delivery",
                    "Every instance receives the broker's message and broadcasts it through the adapter: \
                     each client gets one copy per instance.",
                    vec![received, attached],
                ));
            }
            let timer = delivery.triggers.iter().find(|trigger| {
                trigger.kind == TriggerKind::Timer
                    && trigger
                        .registration
                        .is_some_and(|registration| starts_everywhere(program, registration.site))
            })?;
            let started = Evidence { what: "every instance starts this timer".to_owned(), place: timer.place };
            Some(advisory(
                "duplicate-delivery",
                "Every instance runs this timer and broadcasts through the adapter: each client gets one copy \
                 per instance.",
                vec![started, attached],
            ))
        }
        _ => None,
    }
}

/// Whether an expression runs when the module is loaded, and for no other reason.
fn starts_everywhere(program: &Program, at: ExprRef) -> bool {
    let found = triggers(program, at, &Bounds::default());
    !found.is_empty() && found.iter().all(|trigger| trigger.kind == TriggerKind::ModuleStart)
}

/// An advisory about a comment.
pub(crate) fn about_comment(
    code: &str,
    message: String,
    place: super::model::Place,
    service: Option<ServiceId>,
) -> Advisory {
    Advisory { code: code.to_owned(), message, place, related: Vec::new(), service }
}
