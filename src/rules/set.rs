//! All rules in force, and the questions that the engine asks them.

use super::model::*;
use super::table::OperationRow;
use super::wiring::{Decorator, ProviderKeys};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// All rules in force.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// Rule files, sorted by name.
    pub families: Vec<Family>,
    /// All types.
    pub types: Vec<ApiType>,
    /// Types of literals and universal members (`Array`, `String`, `Function`, `Object`), by name.
    pub literals: BTreeMap<String, TypeId>,
    /// Every operation and property read as it was written; [`OperationId`] indexes it.
    pub operations: Vec<OperationRow>,
    index: Index,
}

/// What would be slow to search for.
#[derive(Debug, Default)]
struct Index {
    modules: FxHashMap<String, TypeId>,
    globals: FxHashMap<String, TypeId>,
    packages: FxHashMap<String, FamilyId>,
    names: FxHashMap<String, Vec<TypeId>>,
    /// Per family: whether it hands messages to clients.
    delivers: Vec<bool>,
    /// Families with a container whose tokens object literals bind.
    providers: Vec<usize>,
}

/// Whether a type is a reason to take its users for a realtime server: an endpoint, a connection, an adapter, or
/// something with an operation that delivers or hands one of these out. A broker or a database alone delivers to nobody.
fn delivers(ty: &ApiType, types: &[ApiType]) -> bool {
    let hands_out = |place: &Place| match place.base {
        Base::Fresh(made) => types.get(made.0 as usize).is_some_and(|made| is_transport(made, types)),
        _ => false,
    };
    let mut operations = ty.methods.values().flatten().chain(&ty.call).chain(&ty.construct).chain(&ty.any_method);
    is_transport(ty, types)
        || ty.properties.values().flat_map(|property| &property.returns).any(hands_out)
        || operations.any(|operation| {
            let parameters = operation.callbacks.iter().flat_map(|callback| callback.parameters.iter().flatten());
            let flows = operation.flows.iter().map(|(from, _)| from);
            operation.deliver.is_some()
                || operation.attach.is_some()
                || operation.returns.iter().chain(parameters).chain(flows).any(hands_out)
        })
}

fn is_transport(ty: &ApiType, types: &[ApiType]) -> bool {
    let lineage = std::iter::successors(Some(ty), |ty| types.get(ty.extends?.0 as usize));
    let role = lineage.map(|ty| &ty.role).find(|role| **role != Role::Plain);
    matches!(role, Some(Role::Endpoint(_) | Role::Connection(_) | Role::Adapter(_)))
}

impl RuleSet {
    /// Puts compiled rules in order for lookups.
    pub(super) fn new(
        families: Vec<Family>,
        types: Vec<ApiType>,
        literals: BTreeMap<String, TypeId>,
        operations: Vec<OperationRow>,
    ) -> Self {
        let mut index = Index { delivers: vec![false; families.len()], ..Index::default() };
        for ty in types.iter().filter(|ty| delivers(ty, &types)) {
            if let Some(known) = index.delivers.get_mut(ty.family as usize) {
                *known = true;
            }
        }
        for (id, family) in families.iter().enumerate() {
            index.providers.extend(family.providers.is_some().then_some(id));
            let packages = family.packages.iter().map(|package| (package.clone(), FamilyId(id as u32)));
            index.packages.extend(packages);
            index.modules.extend(family.modules.iter().map(|(specifier, &ty)| (specifier.clone(), ty)));
            index.globals.extend(family.globals.iter().map(|(name, &ty)| (name.clone(), ty)));
        }
        for (id, ty) in types.iter().enumerate() {
            for name in &ty.names {
                index.names.entry(name.clone()).or_default().push(TypeId(id as u32));
            }
        }
        RuleSet { families, types, literals, operations, index }
    }

    /// A type.
    pub fn ty(&self, id: TypeId) -> &ApiType {
        &self.types[id.0 as usize]
    }

    /// The family that a type belongs to.
    pub fn family(&self, ty: TypeId) -> &Family {
        &self.families[self.ty(ty).family as usize]
    }

    /// The type of a name: `socket.io/Server`, `socket.io/class Server`, `ws/module`.
    pub fn type_named(&self, name: &str) -> Option<TypeId> {
        self.types.iter().position(|ty| ty.name == name).map(|index| TypeId(index as u32))
    }

    /// The module object of a package or one of its subpaths (`"ws"`, `"hono/bun"`, `"node:events"`); a subpath
    /// that no rule names gives the package's.
    pub fn module(&self, specifier: &str) -> Option<TypeId> {
        let specifier = bare(specifier);
        let modules = &self.index.modules;
        modules.get(specifier).or_else(|| modules.get(package_name(specifier))).copied()
    }

    /// The family of an imported package, by the package's name or any of its subpaths.
    pub fn family_of_package(&self, specifier: &str) -> Option<FamilyId> {
        self.index.packages.get(package_name(bare(specifier))).copied()
    }

    /// Whether an import of the specifier is a reason to analyse the file's package: its family is a seed and hands
    /// messages to clients. A package that only publishes to a broker has no clients to lose.
    pub fn seeds(&self, specifier: &str) -> bool {
        self.family_of_package(specifier)
            .is_some_and(|family| self.families[family.0 as usize].seeds && self.index.delivers[family.0 as usize])
    }

    /// The packages whose mention is a reason to analyse the project, in the order of files.
    pub fn seed_packages(&self) -> impl Iterator<Item = &str> {
        self.families.iter().filter(|family| family.seeds).flat_map(|family| &family.packages).map(String::as_str)
    }

    /// The texts whose presence in a file is a reason to analyse it, in the order of files.
    pub fn keywords(&self) -> impl Iterator<Item = &str> {
        self.families.iter().flat_map(|family| &family.keywords).map(String::as_str)
    }

    /// The value of a global name.
    pub fn global(&self, name: &str) -> Option<TypeId> {
        self.index.globals.get(name).copied()
    }

    /// The object literals that bind tokens of a container, with the family that says so.
    pub fn providers(&self) -> impl Iterator<Item = (&Family, &ProviderKeys)> {
        let families = self.index.providers.iter().map(|&family| &self.families[family]);
        families.filter_map(|family| Some((family, family.providers.as_ref()?)))
    }

    /// Folders each of whose files defines a global of its name, with the family and the type of its value.
    pub fn global_files(&self) -> impl Iterator<Item = (&Family, &str, TypeId)> {
        let each = self.families.iter();
        each.flat_map(|family| family.global_files.iter().map(move |(folder, &ty)| (family, folder.as_str(), ty)))
    }

    /// The type of a literal (`"Array"`).
    pub fn literal(&self, name: &str) -> Option<TypeId> {
        self.literals.get(name).copied()
    }

    /// The types for which a variable's name is conventional, in the order of files.
    pub fn named(&self, variable: &str) -> &[TypeId] {
        self.index.names.get(variable).map_or(&[], Vec::as_slice)
    }

    /// The type and its ancestors.
    pub fn lineage(&self, ty: TypeId) -> impl Iterator<Item = TypeId> + '_ {
        std::iter::successors(Some(ty), |&ty| self.ty(ty).extends)
    }

    /// Whether `ty` is `ancestor` or extends it.
    pub fn is_a(&self, ty: TypeId, ancestor: TypeId) -> bool {
        self.lineage(ty).any(|each| each == ancestor)
    }

    /// What a method does, and the type that says so: the nearest that lists it, else the nearest with
    /// operations for any method.
    pub fn method(&self, ty: TypeId, name: &str) -> Option<(TypeId, &[Operation])> {
        let listed = self.lineage(ty).find_map(|each| Some((each, self.ty(each).methods.get(name)?.as_slice())));
        listed.or_else(|| self.nearest_operations(ty, |ty| &ty.any_method))
    }

    /// What reading a property gives, and the type that says so. A listed method is not just any property.
    pub fn property(&self, ty: TypeId, name: &str) -> Option<(TypeId, &Property)> {
        let listed = self.lineage(ty).find_map(|each| Some((each, self.ty(each).properties.get(name)?)));
        listed.or_else(|| {
            let any = self.lineage(ty).find_map(|each| Some((each, self.ty(each).any_property.as_ref()?)))?;
            let is_method = self.lineage(ty).any(|each| self.ty(each).methods.contains_key(name));
            (!is_method).then_some(any)
        })
    }

    /// What a call of the value does, and the type that says so.
    pub fn call(&self, ty: TypeId) -> Option<(TypeId, &[Operation])> {
        self.nearest_operations(ty, |ty| &ty.call)
    }

    /// What `new` of the value does, and the type that says so.
    pub fn construct(&self, ty: TypeId) -> Option<(TypeId, &[Operation])> {
        self.nearest_operations(ty, |ty| &ty.construct)
    }

    /// How the library calls a method that a subclass provides, and the type that says so.
    pub fn override_of(&self, ty: TypeId, name: &str) -> Option<(TypeId, &Callback)> {
        self.lineage(ty).find_map(|each| Some((each, self.ty(each).overrides.get(name)?)))
    }

    /// All methods that the library calls on subclasses of a type, the nearest type's first; a name that an
    /// ancestor repeats comes once.
    pub fn overrides(&self, ty: TypeId) -> impl Iterator<Item = (TypeId, &str, &Callback)> {
        self.lineage(ty).flat_map(move |each| {
            let own = self.ty(each).overrides.iter();
            own.filter(move |(name, _)| self.override_of(ty, name).is_some_and(|(nearest, _)| nearest == each))
                .map(move |(name, callback)| (each, name.as_str(), callback))
        })
    }

    /// The type of the instances of a class object.
    pub fn instance(&self, ty: TypeId) -> Option<TypeId> {
        self.lineage(ty).find_map(|each| self.ty(each).instance)
    }

    /// What a value does as a decorator.
    pub fn decorator(&self, ty: TypeId) -> Option<&Decorator> {
        self.lineage(ty).find_map(|each| self.ty(each).decorator.as_ref())
    }

    /// The type of a container's elements, where the rules know it.
    pub fn element(&self, ty: TypeId) -> Option<TypeId> {
        self.lineage(ty).find_map(|each| self.ty(each).element)
    }

    /// What iterating a value gives.
    pub fn iterates(&self, ty: TypeId) -> Iterates {
        let entries = self.lineage(ty).any(|each| self.ty(each).iterates == Iterates::Entries);
        if entries { Iterates::Entries } else { Iterates::Elements }
    }

    /// Whether all values of a type share their fields.
    pub fn shares_fields(&self, ty: TypeId) -> bool {
        self.lineage(ty).any(|each| self.ty(each).shared_fields)
    }

    /// What a type is for realtime delivery: the nearest role of its lineage.
    pub fn role(&self, ty: TypeId) -> &Role {
        let nearest = self.lineage(ty).map(|each| &self.ty(each).role).find(|role| **role != Role::Plain);
        nearest.unwrap_or(&Role::Plain)
    }

    /// Where `state` operations on a type keep their data: a database's own word, and for a client of a broker
    /// that also stores (Redis) the broker.
    pub fn database(&self, ty: TypeId) -> Option<DatabaseRole> {
        match self.role(ty) {
            Role::Database(database) => Some(database.clone()),
            Role::Broker(broker) => {
                let class = if broker.mock { "in-process" } else { "shared" };
                Some(DatabaseRole { backend: broker.backend.clone(), class: class.to_owned(), schema: None })
            }
            _ => None,
        }
    }

    fn nearest_operations(
        &self,
        ty: TypeId,
        of: impl Fn(&ApiType) -> &Vec<Operation>,
    ) -> Option<(TypeId, &[Operation])> {
        let nearest = self.lineage(ty).find(|&each| !of(self.ty(each)).is_empty())?;
        Some((nearest, of(self.ty(nearest))))
    }
}

/// A specifier without `node:` and without the `npm:` and version that Deno writes.
fn bare(specifier: &str) -> &str {
    if let Some(builtin) = specifier.strip_prefix("node:") {
        return builtin;
    }
    let Some(npm) = specifier.strip_prefix("npm:") else { return specifier };
    let npm = npm.strip_prefix('/').unwrap_or(npm);
    match npm.get(1..).and_then(|rest| rest.find('@')) {
        Some(version) => &npm[..=version],
        None => npm,
    }
}

/// The package of a specifier: `@scope/name` of `@scope/name/sub/path`.
fn package_name(specifier: &str) -> &str {
    let segments = if specifier.starts_with('@') { 2 } else { 1 };
    match specifier.match_indices('/').nth(segments - 1) {
        Some((end, _)) => &specifier[..end],
        None => specifier,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers_name_packages() {
        for (specifier, package) in [
            ("ws", "ws"),
            ("ws/lib/x", "ws"),
            ("@socket.io/redis-adapter/dist/x", "@socket.io/redis-adapter"),
            ("node:events", "events"),
            ("npm:socket.io@4.7", "socket.io"),
            ("npm:/@socket.io/redis-adapter@8", "@socket.io/redis-adapter"),
        ] {
            assert_eq!(package_name(bare(specifier)), package, "{specifier}");
        }
    }
}
