//! Abstract values: what an expression can evaluate to.

use crate::facts::{BindingId, ClassId, ExprId, FunctionId};
use crate::modules::ModuleId;
use crate::rules::{Scope, TypeId};

/// Makes a reference to an entity of a module.
macro_rules! reference {
    ($(#[$doc:meta])* $name:ident, $field:ident: $id:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            /// The module.
            pub module: ModuleId,
            /// The entity in it.
            pub $field: $id,
        }
    };
}
reference!(/** An expression of the program. */ ExprRef, expr: ExprId);
reference!(/** A function of the program. */ FunctionRef, function: FunctionId);
reference!(/** A class of the program. */ ClassRef, class: ClassId);
reference!(/** A binding of the program. */ BindingRef, binding: BindingId);

/// An interned [`AbstractValue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(pub u32);

/// What an expression can evaluate to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AbstractValue {
    /// The object or array that a literal makes.
    Object(ExprRef),
    /// A function.
    Function(FunctionRef),
    /// A class.
    Class(ClassRef),
    /// The instances of a class of the program (one value for all of them).
    Instance(ClassRef),
    /// What `new f()` of a plain constructor function makes, and `f.prototype`.
    Constructed(FunctionRef),
    /// The array that collects a rest parameter or `arguments`, or that a generator yields from.
    Collected(ExprRef),
    /// A function with `this` and first arguments fixed by the `bind` call at the expression.
    Bound(ValueId, ExprRef),
    /// A library method taken as a value: the receiver and the method's name.
    Method(ValueId, Box<str>),
    /// The exports object of a module: fields are its named exports.
    Exports(ModuleId),
    /// `global`, `globalThis`, `window`.
    GlobalObject,
    /// A value of a modelled library.
    Api(ApiObject),
    /// A `[key, element]` pair of a container.
    Entry(ValueId),
    /// A value of a package that no rule knows: `package.path`.
    Package {
        /// The package's name.
        package: Box<str>,
        /// Members from its module object, at most two; `()` alone for whatever its functions return.
        path: Box<[Box<str>]>,
    },
    /// A string constant.
    String(Box<str>),
    /// A number constant, as written.
    Number(Box<str>),
    /// Something that was not traced: a parameter that nothing known passes, a result of unknown code.
    Unknown,
}

/// A value of a modelled library.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiObject {
    /// Its type.
    pub ty: TypeId,
    /// The expression that made it: the call, `new`, registration or property read. None for module objects.
    /// For values that come from a type or a name, the annotated or named expression.
    pub site: Option<ExprRef>,
    /// The value it was derived from: the endpoint of a namespace, operator or connection; the class whose
    /// decorator made it.
    pub origin: Option<ValueId>,
    /// Steps that were called on the way from `origin`.
    pub steps: Box<[Step]>,
    /// How it is known.
    pub confidence: Confidence,
}

/// One narrowing of a fluent chain: which clients the next delivery addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Addressed.
    Address(Scope),
    /// Only this instance (`io.local`).
    Local,
}

/// How a value is known (SPEC section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// From a conventional name in a project that depends on the library.
    Inferred,
    /// From a TypeScript or JSDoc type, or a framework decorator.
    Typed,
    /// Traced to the library.
    Certain,
}
