//! Realtime endpoints: which values are one, and which endpoint a value came from.

use super::model::Place;
use super::program::Program;
use crate::flow::{AbstractValue, ClassRef, Confidence, ExprRef, ValueId};
use crate::rules::{EndpointRole, Role, TypeId};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// An endpoint with the values that stand for it.
#[derive(Debug, Clone)]
pub(crate) struct EndpointFacts<'a> {
    /// Where it is created.
    pub(crate) place: Place,
    /// The expression that creates it.
    pub(crate) site: Option<ExprRef>,
    /// Its role.
    pub(crate) role: &'a EndpointRole,
    /// Whether nothing in the project creates it: it is reached by a global name, and `place` is its first use.
    pub(crate) is_ambient: bool,
    /// The rule file that describes it.
    family: u32,
    /// How it is known.
    pub(crate) confidence: Confidence,
}

/// All endpoints.
#[derive(Debug, Default)]
pub(crate) struct Endpoints<'a> {
    /// In order of place.
    pub(crate) list: Vec<EndpointFacts<'a>>,
    of_value: FxHashMap<ValueId, usize>,
}

/// What makes two values the same endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    /// Made by the same expression.
    Site(ExprRef),
    /// Hung on the same class by a decorator or by inheritance.
    Class(ClassRef),
    /// Reached by a global name, made by nobody in sight.
    Ambient(TypeId),
}

impl<'a> Endpoints<'a> {
    /// Finds them.
    pub(crate) fn new(program: &Program<'a>) -> Self {
        let flow = program.flow;
        let mut class_of: FxHashMap<ValueId, ClassRef> = FxHashMap::default();
        for (_, value) in flow.all_values() {
            if let AbstractValue::Instance(class) = value {
                class_of.extend(flow.instance_base(*class).map(|base| (base, *class)));
            }
        }
        let mut groups: BTreeMap<Identity, Vec<ValueId>> = BTreeMap::new();
        for (value, _) in flow.all_values() {
            if let Some(identity) = identity(program, value, &class_of) {
                groups.entry(identity).or_default().push(value);
            }
        }
        let mut endpoints = Endpoints::default();
        let mut found: Vec<(EndpointFacts<'a>, Vec<ValueId>)> =
            groups.into_iter().filter_map(|(identity, values)| facts(program, identity, values)).collect();
        found.sort_by_key(|(facts, _)| facts.place);
        // A framework's endpoint is known by its decorator; the servers behind it are not what others mean.
        let traced =
            |facts: &EndpointFacts| facts.confidence == Confidence::Certain || facts.role.adapter_installed;
        let certain: Vec<EndpointFacts<'a>> =
            found.iter().map(|(facts, _)| facts.clone()).filter(|facts| traced(facts)).collect();
        let mut guessed = Vec::new();
        for (facts, values) in found {
            // What is only typed or inferred is the traced endpoint of the same kind, where there is one.
            let known = !traced(&facts) && certain.iter().any(|each| each.role.transport == facts.role.transport);
            if known {
                guessed.push((facts, values));
                continue;
            }
            let index = endpoints.list.len();
            endpoints.of_value.extend(values.into_iter().map(|value| (value, index)));
            endpoints.list.push(facts);
        }
        for (facts, values) in guessed {
            if let Some(index) = endpoints.nearest(program, &facts) {
                endpoints.of_value.extend(values.into_iter().map(|value| (value, index)));
            }
        }
        endpoints
    }

    /// The endpoint of the same transport in the same package, else the first of the transport.
    fn nearest(&self, program: &Program, facts: &EndpointFacts) -> Option<usize> {
        let package = |place: Place| program.project.file(program.file(place.module)).package;
        let same = |each: &&usize| self.list[**each].role.transport == facts.role.transport;
        let all: Vec<usize> = (0..self.list.len()).collect();
        all.iter()
            .filter(same)
            .find(|&&each| package(self.list[each].place) == package(facts.place))
            .or_else(|| all.iter().find(same))
            .copied()
    }

    /// The endpoint that a value is or came from; for a value without a history, the one of its library.
    pub(crate) fn of(&self, program: &Program, value: ValueId) -> Option<usize> {
        self.traced(program, value).or_else(|| self.of_library(program, value))
    }

    /// The endpoint of the library that a connection or operator belongs to: the only one, else the one in its file,
    /// else the one in its package.
    fn of_library(&self, program: &Program, value: ValueId) -> Option<usize> {
        let api = program.api(value)?;
        let family = program.flow.rules.ty(api.ty).family;
        let transport = program.connection(value).map(|role| &role.transport);
        let belongs = |each: &EndpointFacts| each.family == family || Some(&each.role.transport) == transport;
        let same: Vec<usize> = (0..self.list.len()).filter(|&each| belongs(&self.list[each])).collect();
        let package = |module| program.project.file(program.file(module)).package;
        match same.as_slice() {
            [only] => Some(*only),
            _ => {
                let home = api.site?.module;
                let place = |each: &usize| self.list[*each].place.module;
                let near = same.iter().find(|each| place(each) == home);
                near.or_else(|| same.iter().find(|each| package(place(each)) == package(home))).copied()
            }
        }
    }

    fn traced(&self, program: &Program, value: ValueId) -> Option<usize> {
        let mut at = Some(value);
        for _ in 0..8 {
            let value = at?;
            if let Some(&index) = self.of_value.get(&value) {
                return Some(index);
            }
            if let AbstractValue::Instance(class) = program.flow.value(value)
                && let Some(base) = program.flow.instance_base(*class)
                && let Some(&index) = self.of_value.get(&base)
            {
                return Some(index);
            }
            at = program.api(value)?.origin;
        }
        None
    }
}

fn identity(program: &Program, value: ValueId, class_of: &FxHashMap<ValueId, ClassRef>) -> Option<Identity> {
    let AbstractValue::Api(object) = program.flow.value(value) else { return None };
    let Role::Endpoint(role) = program.type_role(object.ty) else { return None };
    if let Some(&class) = class_of.get(&value) {
        return Some(Identity::Class(class));
    }
    if let Some(origin) = object.origin {
        return match program.flow.value(origin) {
            AbstractValue::Class(class) | AbstractValue::Instance(class) => Some(Identity::Class(*class)),
            _ if role.child => None,
            _ => object.site.map(Identity::Site),
        };
    }
    let ambient = (!role.child).then_some(Identity::Ambient(object.ty));
    object.site.map(Identity::Site).or(ambient)
}

fn facts<'a>(
    program: &Program<'a>,
    identity: Identity,
    values: Vec<ValueId>,
) -> Option<(EndpointFacts<'a>, Vec<ValueId>)> {
    let roles = values.iter().filter_map(|&value| match program.role(value) {
        Role::Endpoint(role) => {
            let api = program.api(value)?;
            Some((role, api.confidence, program.flow.rules.ty(api.ty).family))
        }
        _ => None,
    });
    // The endpoint itself says more of it than its children do.
    let (role, confidence, family) =
        roles.min_by_key(|(role, confidence, _)| (role.child, std::cmp::Reverse(*confidence)))?;
    let (place, site) = match identity {
        Identity::Site(site) => {
            if !program.is_alive(program.function_at(site)) {
                return None;
            }
            (program.place(site), Some(site))
        }
        Identity::Class(class) => (class_place(program, class), None),
        Identity::Ambient(_) => {
            let uses = values.iter().flat_map(|&value| program.uses_of(value));
            let alive =
                uses.map(|api_use| api_use.site).filter(|&site| program.is_alive(program.function_at(site)));
            (program.place(alive.min()?), None)
        }
    };
    let is_ambient = matches!(identity, Identity::Ambient(_));
    Some((EndpointFacts { place, site, role, is_ambient, family, confidence }, values))
}

/// Where a class becomes an endpoint: the decorator that makes it one, else its name.
fn class_place(program: &Program, class: ClassRef) -> Place {
    let facts = program.flow.facts(class.module);
    let declared = facts.class(class.class);
    let makes_endpoint = |decorator: &ExprRef| {
        program.flow.values(*decorator).iter().filter_map(|&value| program.api(value)).any(|api| {
            let decorator = program.flow.rules.ty(api.ty).decorator.as_ref();
            decorator.is_some_and(|decorator| decorator.class.is_some())
        })
    };
    let decorators = declared.decorators.iter().map(|&expr| ExprRef { module: class.module, expr });
    match decorators.into_iter().find(makes_endpoint) {
        Some(decorator) => program.place(decorator),
        None => {
            let span = declared.binding.map_or(declared.span, |binding| facts.binding(binding).span);
            Place { module: class.module, span }
        }
    }
}
