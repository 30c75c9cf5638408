//! Library knowledge as data: the TOML language of `rules/libraries`, and what it compiles to.

mod model;

pub use model::*;

/// All rules in force.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// Rule files, sorted by name.
    pub families: Vec<Family>,
    /// All types.
    pub types: Vec<ApiType>,
    /// Types of literals and universal members (`Array`, `String`, `Function`, `Object`), by name.
    pub literals: std::collections::BTreeMap<String, TypeId>,
}

impl RuleSet {
    /// A type.
    pub fn ty(&self, id: TypeId) -> &ApiType {
        &self.types[id.0 as usize]
    }
    /// The module object of a package or one of its subpaths (`"ws"`, `"hono/bun"`, `"events"`).
    pub fn module(&self, specifier: &str) -> Option<TypeId> {
        self.families.iter().find_map(|family| family.modules.get(specifier).copied())
    }
    /// The value of a global name.
    pub fn global(&self, name: &str) -> Option<TypeId> {
        self.families.iter().find_map(|family| family.globals.get(name).copied())
    }
    /// The type and its ancestors.
    pub fn lineage(&self, ty: TypeId) -> impl Iterator<Item = TypeId> + '_ {
        std::iter::successors(Some(ty), |&ty| self.ty(ty).extends)
    }
    /// Whether `ty` is `ancestor` or extends it.
    pub fn is_a(&self, ty: TypeId, ancestor: TypeId) -> bool {
        self.lineage(ty).any(|each| each == ancestor)
    }
}
