//! Which file or package a specifier means, and the program as a set of lowered files.

mod build;
mod lowered;
pub mod resolve;

pub use build::{Selection, build};
pub use lowered::LoweredFiles;

use crate::facts::{ModuleFacts, Name};
use crate::source::FileId;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A lowered file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(pub u32);

impl ModuleId {
    /// The position in [`ModuleGraph::modules`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a specifier means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// A file of the program.
    Module(ModuleId),
    /// A file of the project that is not code or was left out (JSON, tests).
    Other,
    /// An installed or installable package: its name and the subpath (`""`, `"lib/x"`).
    Package {
        /// `ws`, `@socket.io/redis-adapter`.
        name: Box<str>,
        /// After the name, without the slash.
        subpath: Box<str>,
    },
    /// A module of the runtime, without `node:`.
    Builtin(Box<str>),
    /// Nothing that exists.
    Unresolved,
}

/// A module: its file, its facts, its specifiers.
#[derive(Debug)]
pub struct Module {
    /// The file.
    pub file: FileId,
    /// What it says.
    pub facts: Arc<ModuleFacts>,
    /// Every specifier in `imports`, `exports`, `Require`, `ImportCall` and `TypeExpr::Import`.
    pub resolutions: FxHashMap<Name, Resolution>,
}

/// The program.
#[derive(Debug, Default)]
pub struct ModuleGraph {
    /// In order of path.
    pub modules: Vec<Module>,
}

impl ModuleGraph {
    /// A module's facts.
    pub fn facts(&self, module: ModuleId) -> &ModuleFacts {
        &self.modules[module.index()].facts
    }
    /// A module.
    pub fn module(&self, module: ModuleId) -> &Module {
        &self.modules[module.index()]
    }
    /// All module ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = ModuleId> + use<> {
        (0..self.modules.len() as u32).map(ModuleId)
    }
    /// By module: the modules that import it, in order.
    pub fn importers(&self) -> Vec<Vec<ModuleId>> {
        let mut importers = vec![Vec::new(); self.modules.len()];
        for from in self.ids() {
            let imported = self.module(from).resolutions.values().filter_map(|resolution| match resolution {
                Resolution::Module(to) => Some(*to),
                _ => None,
            });
            let imported: BTreeSet<ModuleId> = imported.collect();
            imported.into_iter().for_each(|to| importers[to.index()].push(from));
        }
        importers
    }
    /// What `specifier` means in `from`.
    pub fn resolve(&self, from: ModuleId, specifier: Name) -> &Resolution {
        self.module(from).resolutions.get(&specifier).unwrap_or(&Resolution::Unresolved)
    }
}
