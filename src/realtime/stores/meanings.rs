//! What variables and functions stand for, whoever keeps them: rooms by their names, connections by what speaks for them.

use super::Search;
use super::heap::Heap;
use crate::facts::{ExprKind, FunctionId};
use crate::flow::{BindingRef, FunctionRef};
use crate::realtime::Place;
use rustc_hash::FxHashSet;

/// Functions in which a connection is sent to that a variable of the function around them holds.
pub(super) fn speakers(search: &Search) -> FxHashSet<FunctionRef> {
    let heap = &search.heap;
    let flow = heap.flow;
    let places: FxHashSet<Place> = search.realtime.paths.iter().map(|path| path.place).collect();
    let mut called = FxHashSet::default();
    for edge in &flow.calls.edges {
        let span = flow.facts(edge.site.module).exprs.get(edge.site.expr.index()).map(|site| site.span);
        if span.is_some_and(|span| places.contains(&Place { module: edge.site.module, span })) {
            called.insert(edge.callee);
        }
    }
    let mut found = FxHashSet::default();
    for api_use in &flow.uses {
        let delivers = flow.operation(api_use).is_some_and(|operation| operation.deliver.is_some());
        if !delivers || !api_use.receiver.is_some_and(|id| heap.is_local_handle(id)) {
            continue;
        }
        let facts = flow.facts(api_use.site.module);
        let Some(ExprKind::Call { callee, .. }) = facts.exprs.get(api_use.site.expr.index()).map(|site| &site.kind)
        else {
            continue;
        };
        let ExprKind::Member { object, .. } = facts.expr(*callee).kind else { continue };
        let ExprKind::Binding(binding) = facts.expr(object).kind else { continue };
        let speaker = super::heap::evaluated_by(flow, api_use.site);
        let holder = facts.binding(binding).function;
        if called.contains(&speaker) && holder != speaker.function && holder != FunctionId::MODULE {
            found.insert(speaker);
        }
    }
    found
}

/// Variables that name a room where a connection joins it or a delivery addresses it.
pub(super) fn room_variables(heap: &Heap) -> FxHashSet<BindingRef> {
    let mut rooms = FxHashSet::default();
    for api_use in &heap.flow.uses {
        let Some(operation) = heap.flow.operation(api_use) else { continue };
        let joined = operation.membership.as_ref().and_then(|membership| membership.room);
        let addressed = operation.address.as_ref().and_then(|address| address.argument);
        for index in joined.into_iter().chain(addressed) {
            let Some(at) = super::reach::argument(heap.flow, api_use.site, index) else { continue };
            if let ExprKind::Binding(binding) = heap.flow.facts(at.module).expr(at.expr).kind {
                rooms.insert(BindingRef { module: at.module, binding });
            }
        }
    }
    rooms
}
