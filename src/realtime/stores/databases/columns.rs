//! What the rows of a table or the documents of a collection consist of, and which state that makes them.

use crate::facts::{ExprKind, MemberKind, PropertyKey, TypeExpr};
use crate::flow::{AbstractValue, ClassRef, ExprRef};
use crate::realtime::StateType;
use crate::realtime::stores::Search;
use crate::realtime::stores::reach::arguments;
use crate::rules::{Column, Vocabulary};
use crate::source::SchemaModel;
use std::collections::BTreeSet;

/// A column of a table, or a field of a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Field {
    /// Its name.
    pub name: String,
    /// Whether it is a list.
    pub is_list: bool,
}

/// The columns of one entity.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// All that the code shows.
    pub all: BTreeSet<Field>,
    /// Those that code writes after the declaration.
    pub written: BTreeSet<String>,
}

/// Why rows with a user and a room are stays. What a name says of such a table weighs more: a session, a token, a job.
pub(super) const STAYS: &str = "its rows put users into rooms";

/// Rows of more columns are more than a stay of somebody somewhere.
const MOST_COLUMNS_OF_A_STAY: usize = 12;

impl Columns {
    /// What the columns make of the rows, with the words that say why.
    pub(super) fn state_type(&self, vocabulary: &Vocabulary) -> Option<(StateType, &'static str)> {
        let is = |name: &str, column| vocabulary.is_column(name, column);
        let has = |column| self.all.iter().any(|field| !field.is_list && is(&field.name, column));
        if has(Column::Text) && (has(Column::User) || has(Column::Room)) {
            return Some((StateType::MessageHistory, "its rows are texts with an author or a room"));
        }
        if self.all.iter().any(|field| is(&field.name, Column::Push)) {
            return Some((StateType::Subscriptions, "its rows reach devices"));
        }
        if self.written.iter().any(|name| is(name, Column::Online)) {
            return Some((StateType::Presence, "its rows say who is there"));
        }
        if self.all.iter().any(|field| field.is_list && is(&field.name, Column::Members)) {
            return Some((StateType::ChannelMembership, "its rows list their members"));
        }
        let stays = has(Column::User) && has(Column::Room) && self.all.len() <= MOST_COLUMNS_OF_A_STAY;
        stays.then_some((StateType::ChannelMembership, STAYS))
    }

    /// Whether the rows say what somebody pays for.
    pub(super) fn tell_payment(&self, vocabulary: &Vocabulary) -> bool {
        self.all.iter().any(|field| vocabulary.is_column(&field.name, Column::Payment))
    }

    /// Whether the rows, whatever else they are, say who is there.
    pub(super) fn tell_presence(&self, vocabulary: &Vocabulary) -> bool {
        self.all.iter().any(|field| vocabulary.is_column(&field.name, Column::Online))
    }

    /// Adds what other code shows of the same rows.
    pub(super) fn absorb(&mut self, other: Columns) {
        self.all.extend(other.all);
        self.written.extend(other.written);
    }

    /// Adds the fields of a model that a schema file describes.
    pub(super) fn add_declared(&mut self, model: &SchemaModel) {
        let fields = model.fields.iter().map(|(name, is_list)| Field { name: name.clone(), is_list: *is_list });
        self.all.extend(fields);
    }

    /// Adds columns by name.
    pub(super) fn add(&mut self, names: impl IntoIterator<Item = String>, is_written: bool) {
        for name in names {
            self.insert(Field { name, is_list: false }, is_written);
        }
    }

    fn insert(&mut self, field: Field, is_written: bool) {
        if is_written {
            self.written.insert(field.name.clone());
        }
        self.all.insert(field);
    }

    /// Adds the properties that the arguments of a call carry, those of `written` as written.
    pub(super) fn add_arguments(&mut self, search: &Search, site: ExprRef, written: Option<ExprRef>) {
        for argument in arguments(search.heap.flow, site) {
            let at = ExprRef { module: site.module, expr: argument.value };
            let is_written = written.is_none_or(|written| written == at);
            self.add_record(search, at, is_written, 0);
        }
    }

    /// Adds the properties of a record: an object literal, what a variable was initialised with, the object literals that
    /// a call which makes it is given, the fields of its class.
    pub(super) fn add_record(&mut self, search: &Search, at: ExprRef, is_written: bool, depth: u32) {
        if depth > 3 {
            return;
        }
        let flow = search.heap.flow;
        let facts = flow.facts(at.module);
        let inner = |expr| ExprRef { module: at.module, expr };
        match &facts.expr(at.expr).kind {
            ExprKind::Object(properties) => {
                for property in properties {
                    if let PropertyKey::Named(name) = property.key {
                        let is_list = is_list(facts, property.value);
                        self.insert(Field { name: facts.name(name).to_owned(), is_list }, is_written);
                    }
                    let nested = matches!(facts.expr(property.value).kind, ExprKind::Object(_));
                    if nested || property.key == PropertyKey::Spread {
                        self.add_record(search, inner(property.value), is_written, depth + 1);
                    }
                }
            }
            ExprKind::Call { args, .. } | ExprKind::New { args, .. } => {
                for argument in args {
                    self.add_record(search, inner(argument.value), is_written, depth + 1);
                }
            }
            ExprKind::Array(items) => {
                for item in items {
                    self.add_record(search, inner(item.value), is_written, depth + 1);
                }
            }
            ExprKind::Binding(binding) => {
                let assigned = facts.assigns_to(*binding).next();
                let assigned = assigned.map(|assign| assign.value).filter(|&value| value != at.expr);
                if let Some(value) = assigned {
                    self.add_record(search, inner(value), is_written, depth + 1);
                }
            }
            ExprKind::Await(value) | ExprKind::Typed { value, .. } => {
                self.add_record(search, inner(*value), is_written, depth);
            }
            _ => {}
        }
        for &id in flow.values(at) {
            match flow.value(id) {
                AbstractValue::Instance(class) | AbstractValue::Class(class) => {
                    self.add_class(search, *class, is_written);
                }
                AbstractValue::Object(made) if *made != at => {
                    self.add_record(search, *made, is_written, depth + 1);
                }
                AbstractValue::Api(object) => {
                    if let Some(made) = object.site.filter(|&made| made != at && flow.values(made).contains(&id)) {
                        self.add_record(search, made, is_written, depth + 1);
                    }
                }
                _ => {}
            }
        }
    }

    fn add_class(&mut self, search: &Search, class: ClassRef, is_written: bool) {
        let facts = search.heap.flow.facts(class.module);
        for member in &facts.class(class.class).members {
            let (MemberKind::Field(_), Some(name), false) = (member.kind, member.name, member.is_static) else {
                continue;
            };
            let is_list = matches!(member.ty, Some(TypeExpr::Array(_)));
            self.insert(Field { name: facts.name(name).to_owned(), is_list }, is_written);
        }
    }
}

/// The names of fields that a command on a record is told one by one: `hset(key, 'name', name, 'connected', true)`.
pub(super) fn field_names(search: &Search, site: ExprRef) -> Vec<String> {
    let facts = search.heap.flow.facts(site.module);
    let names = arguments(search.heap.flow, site).iter().skip(1).step_by(2);
    names
        .filter_map(|argument| match facts.expr(argument.value).kind {
            ExprKind::String(name) => Some(facts.name(name).to_owned()),
            _ => None,
        })
        .collect()
}

/// `[{ type: Id, ref: 'User' }]`, `{ type: [Id] }`.
fn is_list(facts: &crate::facts::ModuleFacts, expr: crate::facts::ExprId) -> bool {
    match &facts.expr(expr).kind {
        ExprKind::Array(_) => true,
        ExprKind::Object(properties) => properties.iter().any(|property| {
            matches!(property.key, PropertyKey::Named(name) if facts.name(name) == "type")
                && matches!(facts.expr(property.value).kind, ExprKind::Array(_))
        }),
        _ => false,
    }
}
