//! Streams of events: a library's value that consists of what an emitter fires (`fromEvent(emitter, 'change')`).

use super::solver::{Node, Solver};
use super::table::Atom;
use super::value::ValueId;
use crate::rules::{Base, Listen, Place};

impl Solver<'_> {
    /// The result of a call is the stream of an emitter's event: who listens to it, listens to the emitter.
    pub(super) fn stream_events(&mut self, context: u32, listen: &Listen) {
        let entry = self.library.contexts[context as usize].clone();
        let made = entry.api_use.and_then(|api_use| self.uses[api_use as usize].result);
        let Some(made) = made else { return };
        let receiver = Place { base: Base::This, path: Vec::new() };
        let emitters = self.place_values(context, listen.of.as_ref().unwrap_or(&receiver));
        let stream = self.owner(made);
        for emitter in emitters {
            let source = self.owner(emitter);
            for event in self.events(entry.call, &listen.event) {
                let known = self.library.streams.entry(stream).or_default();
                if source == stream || known.contains(&(source, event)) {
                    continue;
                }
                known.push((source, event));
                for registered in self.library.listeners.get(&stream).cloned().unwrap_or_default() {
                    self.listen_at_source(source, event, registered);
                }
            }
        }
    }

    /// Registers a stream's listener with the emitter of which the stream consists.
    pub(super) fn listen_at_source(
        &mut self,
        source: ValueId,
        event: Option<Atom>,
        registered: (Option<Atom>, Node, u32),
    ) {
        let (_, node, listen) = registered;
        self.add_listener(source, event, node, listen);
    }
}
