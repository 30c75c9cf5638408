//! Which state a declaration holds. Evidence decides in SPEC's order: what is stored, under what key, when it is
//! written, who reads it; words come last.

use super::Hint;
use super::traits::Traits;
use crate::realtime::{Evidence, Place, StateType};
use crate::rules::TriggerKind;

/// A decision with its reasons.
#[derive(Debug)]
pub(super) struct Decision {
    /// What it holds.
    pub state_type: StateType,
    /// What it holds besides, ordered.
    pub also: Vec<StateType>,
    /// What decided.
    pub evidence: Vec<Evidence>,
}

impl Decision {
    fn new(state_type: StateType) -> Self {
        Decision { state_type, also: Vec::new(), evidence: Vec::new() }
    }

    fn also(mut self, state_type: StateType, holds: bool) -> Self {
        if holds && state_type != self.state_type && !self.also.contains(&state_type) {
            self.also.push(state_type);
            self.also.sort();
        }
        self
    }

    fn because(mut self, what: &str, place: Option<Place>) -> Self {
        if let Some(place) = place {
            self.evidence.push(Evidence { what: what.to_owned(), place });
        }
        self
    }
}

/// Decides for a container.
pub(super) fn decide(traits: &Traits, name: &str, declared: Place, hint: Hint) -> Decision {
    let decision = by_handles(traits, name, hint)
        .or_else(|| by_broker(traits, name, hint))
        .or_else(|| by_messages(traits, name, hint))
        .or_else(|| by_connection_ids(traits, hint))
        .or_else(|| by_lifetime(traits, name, hint))
        .or_else(|| by_rooms(traits, name, hint))
        .or_else(|| by_listing(traits, name, hint))
        .unwrap_or_else(|| by_words(traits, name, declared, hint));
    let added = traits.added.map(|(_, kind)| written_on(kind));
    decision
        .because(added.unwrap_or("written"), traits.added.map(|(place, _)| place))
        .because("sent to clients", traits.listed.or(traits.sent))
}

/// Live handles are connections; read as presence, or grouped by room, they are that too.
fn by_handles(traits: &Traits, name: &str, hint: Hint) -> Option<Decision> {
    traits.handles?;
    let decision = if traits.grouped_handles {
        let topics = hint(name) == Some(StateType::Subscriptions);
        Decision::new(if topics { StateType::Subscriptions } else { StateType::ChannelMembership })
            .also(StateType::Connections, true)
            .also(StateType::Presence, traits.listed.is_some())
            .because("connections grouped under each key", traits.handles)
    } else if traits.listed.is_some() {
        let rooms = has_field(traits, StateType::ChannelMembership, hint);
        Decision::new(StateType::Presence)
            .also(StateType::Connections, true)
            .also(StateType::ChannelMembership, rooms)
            .because("holds live connections", traits.handles)
            .because("read as presence", traits.listed)
    } else {
        // Which rooms a connection is in is known nowhere else, if its row says so.
        let rooms = has_field(traits, StateType::ChannelMembership, hint) && !traits.instances;
        Decision::new(StateType::Connections)
            .also(StateType::ChannelMembership, rooms)
            .because("holds live connections", traits.handles)
    };
    Some(decision)
}

/// What is written where the program subscribes at a broker: which topics are wanted. Members listed under each of them
/// are more than that.
fn by_broker(traits: &Traits, name: &str, hint: Hint) -> Option<Decision> {
    let place = traits.subscribed.filter(|_| !traits.plain_values)?;
    if let Some(grouped) = traits.grouped.filter(|_| hint(name) == Some(StateType::ChannelMembership)) {
        let decision = Decision::new(StateType::ChannelMembership).because("members under each key", Some(grouped));
        return Some(
            decision
                .also(StateType::Subscriptions, true)
                .because("written where a topic is subscribed", Some(place)),
        );
    }
    Some(Decision::new(StateType::Subscriptions).because("written where a topic is subscribed", Some(place)))
}

/// Ids of connections: who is there, or who is in which room.
fn by_connection_ids(traits: &Traits, hint: Hint) -> Option<Decision> {
    let ids = traits.keyed_by_connection.or(traits.holds_connection_ids)?;
    let gone = traits.removed_on_disconnect.or(traits.removed);
    let rooms = has_field(traits, StateType::ChannelMembership, hint);
    if let Some(place) = traits.grouped {
        return Some(
            Decision::new(StateType::ChannelMembership)
                .also(StateType::Presence, traits.removed_on_disconnect.is_some())
                .because("ids of connections grouped under each key", Some(place)),
        );
    }
    if traits.plain_values && traits.sent.is_none() {
        return Some(Decision::new(StateType::Other).because("only counts and times per connection", Some(ids)));
    }
    let maps_to_id = traits.keyed_by_connection.is_none();
    // A row that mentions a connection and is never taken out says nothing of who is there.
    if maps_to_id && traits.appended && gone.is_none() {
        return None;
    }
    if !(maps_to_id || gone.is_some() || traits.listed.is_some()) {
        return None;
    }
    let what = if maps_to_id { "holds ids of connections" } else { "keyed by the connection's id" };
    Some(
        Decision::new(StateType::Presence)
            .also(StateType::ChannelMembership, rooms)
            .because(what, Some(ids))
            .because("removed when the connection goes", traits.removed_on_disconnect),
    )
}

/// Messages that are kept: appended, also delivered, not tied to a connection's lifetime.
fn by_messages(traits: &Traits, name: &str, hint: Hint) -> Option<Decision> {
    let named = hint(name) == Some(StateType::MessageHistory);
    let kept = traits.removed_on_disconnect.is_none() && (traits.appended || (named && traits.grouped.is_some()));
    let payload = traits.payload.filter(|_| kept && !traits.instances)?;
    let other_word = hint(name).is_some_and(|word| word != StateType::MessageHistory);
    let message_fields = has_field(traits, StateType::MessageHistory, hint);
    let on_connect = traits.added_on_connect == Some(payload) && !message_fields;
    if (other_word && !message_fields) || on_connect || traits.plain_values {
        return None;
    }
    Some(Decision::new(StateType::MessageHistory).because("keeps what is delivered as a message", Some(payload)))
}

/// Entries that come with a connection and go with it.
fn by_lifetime(traits: &Traits, name: &str, hint: Hint) -> Option<Decision> {
    let gone = traits.removed_on_disconnect?;
    let (added, kind) = traits.added.filter(|&(added, _)| added != gone)?;
    // Documents and games that are open while somebody is there are no list of who is there.
    if hint(name) == Some(StateType::Other) && traits.keyed_by_connection.is_none() {
        return None;
    }
    let comes = traits.added_on_connect.is_some()
        || kind == TriggerKind::Connect
        || traits.events.iter().any(|event| hint(event) == Some(StateType::ChannelMembership))
        || hint(name) == Some(StateType::Presence);
    if !comes || (traits.plain_values && traits.sent.is_none()) {
        return None;
    }
    let rooms = has_field(traits, StateType::ChannelMembership, hint);
    let decision = if traits.grouped.is_some() || traits.keyed_by_room.is_some() {
        Decision::new(StateType::ChannelMembership).also(StateType::Presence, traits.listed.is_some())
    } else {
        Decision::new(StateType::Presence).also(StateType::ChannelMembership, rooms)
    };
    Some(
        decision
            .because("added while the connection lasts", Some(added))
            .because("removed when the connection goes", Some(gone)),
    )
}

/// Collections of members under what rooms are named after.
fn by_rooms(traits: &Traits, name: &str, hint: Hint) -> Option<Decision> {
    // A game is kept under the room that it is played in.
    let room = traits.keyed_by_room.filter(|_| hint(name) != Some(StateType::Other))?;
    let members = hint(name) == Some(StateType::ChannelMembership)
        || (traits.grouped.is_some() && traits.removed.is_some() && traits.payload.is_none());
    if !members || traits.plain_values {
        return None;
    }
    Some(Decision::new(StateType::ChannelMembership).because("keyed by the room that is joined", Some(room)))
}

/// What is filled from the transport's list of connections, of this instance or of all.
fn by_listing(traits: &Traits, name: &str, hint: Hint) -> Option<Decision> {
    let place = traits.from_listing.filter(|_| hint(name).is_none() && !traits.plain_values)?;
    Some(Decision::new(StateType::Presence).because("filled from the list of connections", Some(place)))
}

/// Words: the name, the fields of its records, the events on which it is written.
fn by_words(traits: &Traits, name: &str, declared: Place, hint: Hint) -> Decision {
    let fields = traits.record_fields.iter().map(String::as_str);
    let events = traits.events.iter().map(String::as_str);
    let plain = traits.plain_values && traits.sent.is_none();
    let word = hint(name).filter(|&word| !plain && (!traits.instances || word == StateType::MessageHistory));
    // A `reply` that is called is no message but the response that messages are written to.
    let live = traits.live.filter(|_| traits.record_fields.is_empty() && !traits.instances);
    if let (Some(place), Some(StateType::MessageHistory | StateType::Connections)) = (live, word) {
        return Decision::new(StateType::Connections).because("its entries are called, not read", Some(place));
    }
    let decision = match word {
        Some(state_type) if state_type != StateType::Connections => {
            Decision::new(state_type).because("its name says so", Some(declared))
        }
        _ => Decision::new(StateType::Other).because("realtime state of the program's own", Some(declared)),
    };
    if plain {
        return decision;
    }
    let named: Vec<StateType> = if decision.state_type == StateType::Other {
        fields.chain(events).filter_map(hint).collect()
    } else {
        fields.filter_map(hint).collect()
    };
    let gone = traits.removed_on_disconnect.is_some() || traits.removed.is_some();
    let members = named.contains(&StateType::ChannelMembership) && traits.grouped.is_some() && gone;
    decision.also(StateType::ChannelMembership, members)
}

fn has_field(traits: &Traits, state_type: StateType, hint: Hint) -> bool {
    traits.record_fields.iter().any(|field| hint(field) == Some(state_type))
}

/// How evidence names a write's trigger.
pub(super) fn written_on(kind: TriggerKind) -> &'static str {
    match kind {
        TriggerKind::Connect => "written on connect",
        TriggerKind::Disconnect => "written on disconnect",
        TriggerKind::ClientEvent => "written on a client event",
        TriggerKind::HttpRoute => "written on an HTTP request that broadcasts",
        TriggerKind::Timer => "written by a timer that broadcasts",
        _ => "written where messages are broadcast",
    }
}
