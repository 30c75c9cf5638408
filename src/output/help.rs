//! What is wrong, in a few words.

use crate::report::Defect;

/// What a defect means.
pub(in crate::output) fn meaning(defect: Defect) -> &'static str {
    match defect {
        Defect::ClientNeverConnected => "the broker client behind it is never connected",
        Defect::OneClientForBoth => "one client publishes and subscribes, which it cannot do",
        Defect::AdapterNotInstalled => "there is an adapter, but nothing installs it",
        Defect::ChannelsDiffer => "no instance subscribes to the channel that is published to",
        Defect::CompetingConsumers => "only one of the instances receives each message",
        Defect::ClientUndefined => "the broker client's constructor is not defined",
        Defect::LocalLookup => "the target is looked up in a table of this instance",
    }
}
