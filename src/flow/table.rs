//! Interning of values and strings. Ids are handed out in order of first use, so they depend on the input only.

use rustc_hash::FxHashMap;

use super::value::{AbstractValue, ValueId};

/// An interned string of the solver: a property name, a string constant or a pseudo-field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Atom(pub u32);

impl Atom {
    /// Elements under unknown keys.
    pub(super) const ELEMENT: Atom = Atom(0);
    /// Keys of a container.
    pub(super) const KEY: Atom = Atom(1);
    /// Everything that any field holds.
    pub(super) const ANY: Atom = Atom(2);
    const RESERVED: [&'static str; 3] = ["\0element", "\0key", "\0any"];

    /// Whether it is a name of the program, not a pseudo-field.
    pub(super) fn is_name(self) -> bool {
        self.0 as usize >= Self::RESERVED.len()
    }
}

/// All strings of the solver.
#[derive(Debug)]
pub(super) struct Atoms {
    texts: Vec<Box<str>>,
    ids: FxHashMap<Box<str>, Atom>,
}

impl Default for Atoms {
    fn default() -> Self {
        let mut atoms = Atoms { texts: Vec::new(), ids: FxHashMap::default() };
        for text in Atom::RESERVED {
            atoms.intern(text);
        }
        atoms
    }
}

impl Atoms {
    /// The atom of a text.
    pub(super) fn intern(&mut self, text: &str) -> Atom {
        if let Some(&atom) = self.ids.get(text) {
            return atom;
        }
        let atom = Atom(self.texts.len() as u32);
        self.texts.push(text.into());
        self.ids.insert(text.into(), atom);
        atom
    }

    /// The text of an atom.
    pub(super) fn text(&self, atom: Atom) -> &str {
        &self.texts[atom.0 as usize]
    }
}

/// All abstract values.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) items: Vec<AbstractValue>,
    ids: FxHashMap<AbstractValue, ValueId>,
}

impl Values {
    /// The id of a value.
    pub(super) fn intern(&mut self, value: AbstractValue) -> ValueId {
        if let Some(&id) = self.ids.get(&value) {
            return id;
        }
        let id = ValueId(self.items.len() as u32);
        self.items.push(value.clone());
        self.ids.insert(value, id);
        id
    }

    /// A value.
    pub(super) fn get(&self, id: ValueId) -> &AbstractValue {
        &self.items[id.0 as usize]
    }
}
