//! Inheritance, mixins, class objects and identities.

use super::*;

/// What the first operation returns first, as a type's name.
fn gives<'r>(rules: &'r RuleSet, found: Option<(TypeId, &[Operation])>) -> Option<&'r str> {
    match found?.1[0].returns[0].base {
        Base::Fresh(ty) => Some(&rules.ty(ty).name),
        _ => None,
    }
}

#[test]
fn members_are_those_of_the_nearest_ancestor() {
    let rules = lib("[types.A]
        call = 'A'
        construct = 'A'
        any-method = 'C'
        endpoint = { transport = 't' }
        names = ['a']
        iterates = 'entries'
        element = 'C'
        shared-fields = true
        decorator = { class = 'C' }
        instance = 'C'
        any-property = 'C'
        [types.A.methods]
        both = 'A'
        upper = 'A'
        [types.A.properties]
        both = 'A'
        [types.A.overrides]
        both = {}
        upper = {}
        [types.B]
        extends = 'A'
        call = 'B'
        [types.B.methods]
        both = 'B'
        [types.B.overrides]
        both = { parameters = ['C'] }
        [types.C]");
    let (a, b, c) = (ty(&rules, "lib/A"), ty(&rules, "lib/B"), ty(&rules, "lib/C"));
    assert_eq!(gives(&rules, rules.method(b, "both")), Some("lib/B"));
    assert_eq!(gives(&rules, rules.method(b, "upper")), Some("lib/A"));
    assert_eq!(rules.method(b, "upper").unwrap().0, a);
    assert_eq!(gives(&rules, rules.method(b, "neither")), Some("lib/C"));
    assert_eq!(gives(&rules, rules.call(b)), Some("lib/B"));
    assert_eq!(gives(&rules, rules.construct(b)), Some("lib/A"));
    assert_eq!(rules.property(b, "both").unwrap().1.returns, [at(Base::Fresh(a))]);
    assert_eq!(rules.property(b, "neither").unwrap().1.returns, [at(Base::Fresh(c))]);
    assert!(matches!(rules.role(b), Role::Endpoint(_)));
    assert_eq!((rules.iterates(b), rules.element(b), rules.shares_fields(b)), (Iterates::Entries, Some(c), true));
    assert_eq!((rules.instance(b), rules.ty(b).instance), (Some(c), Some(c)));
    assert_eq!(rules.decorator(b).unwrap().class, Some(c));
    let overrides: Vec<_> = rules.overrides(b).map(|(ty, name, _)| (ty, name)).collect();
    assert_eq!(overrides, [(b, "both"), (a, "upper")]);
    assert_eq!(rules.override_of(b, "both").unwrap().1.parameters.len(), 1);
    assert!(rules.override_of(b, "neither").is_none());
    assert!(rules.method(c, "both").is_none() && rules.call(c).is_none() && rules.property(c, "x").is_none());
}

#[test]
fn mixins_give_members_but_no_kinship() {
    let rules = lib("[types.Base.methods]
        own = 'Base'
        both = 'Base'
        [types.Middle]
        mixins = ['Base']
        container = true
        any-method = 'Base'
        any-property = 'Base'
        [types.T]
        mixins = ['Middle']
        [types.T.methods]
        both = 'T'");
    let (t, base) = (ty(&rules, "lib/T"), ty(&rules, "lib/Base"));
    assert_eq!(gives(&rules, rules.method(t, "own")), Some("lib/Base"));
    assert_eq!(rules.method(t, "own").unwrap().0, t);
    assert_eq!(gives(&rules, rules.method(t, "both")), Some("lib/T"));
    assert_eq!(gives(&rules, rules.method(t, "neither")), Some("lib/Base"));
    assert!(rules.property(t, "any").is_some());
    assert!(!rules.is_a(t, base));
    assert_eq!(*rules.role(t), Role::Plain);
    let id = |ty| rules.method(ty, "own").unwrap().1[0].id;
    assert_eq!(id(t), id(base), "a copied operation stays the same one");
}

#[test]
fn class_objects_give_instances() {
    let rules = lib("[module.properties]
        A = { class = 'A' }
        B = { class = 'B' }
        [types.A]
        [types.B]
        [classes.B]
        construct = { returns = 'B', connect = true }
        [classes.B.methods]
        create = 'B'
        [types.M]
        extends = 'class B'");
    let (class_a, class_b) = (ty(&rules, "lib/class A"), ty(&rules, "lib/class B"));
    assert_eq!(gives(&rules, rules.call(class_a)), Some("lib/A"));
    assert_eq!(gives(&rules, rules.construct(class_a)), Some("lib/A"));
    assert_eq!(rules.instance(class_a), rules.type_named("lib/A"));
    assert!(rules.construct(class_b).unwrap().1[0].connect);
    assert!(rules.call(class_b).unwrap().1[0].connect, "calling is constructing");
    assert_eq!(gives(&rules, rules.method(class_b, "create")), Some("lib/B"));
    let module = ty(&rules, "lib/M");
    assert!(rules.construct(module).is_some());
    assert_eq!(rules.ty(module).instance, rules.type_named("lib/B"));
    let implied = rules.operations.iter().filter(|row| row.implied);
    assert_eq!(implied.map(|row| row.ty.as_str()).collect::<Vec<_>>(), ["lib/class A", "lib/class A"]);
}

#[test]
fn state_is_kept_in_databases_and_brokers() {
    let rules = lib("[types.D]
        database = { backend = 'postgres', class = 'shared' }
        [types.B]
        broker = { backend = 'redis' }
        [types.M]
        broker = { backend = 'redis', mock = true }
        [types.C]
        container = true");
    let class = |name: &str| rules.database(ty(&rules, name)).map(|database| (database.backend, database.class));
    let words = |backend: &str, class: &str| Some((backend.to_owned(), class.to_owned()));
    assert_eq!(class("lib/D"), words("postgres", "shared"));
    assert_eq!(class("lib/B"), words("redis", "shared"));
    assert_eq!(class("lib/M"), words("redis", "in-process"));
    assert_eq!(class("lib/C"), None);
}
