//! What one source file says, needing nothing from any other file: module record, scopes' bindings,
//! expressions, functions, classes, types and guards. A tree-sitter tree is lowered into this and dropped.
//!
//! Everything is an index into an arena of the file. Index 0 of `functions` is the module body.
//!
//! Lowering conventions, which the solver relies on:
//! - Destructuring is desugared. `const { a: { b } } = x` makes `Member(Member(x, "a"), "b")` and assigns it to
//!   `b`; `[p, q] = x` makes `Index(x, 0)` and `Index(x, 1)`; a default value makes a `Union`; a rest element
//!   assigns the source itself.
//! - `for (const v of xs)` assigns `ElementOf(xs)` to `v`; `for (const k in o)` assigns `KeyOf(o)`.
//! - A parameter is an expression `Parameter { function, index }`, assigned to the bindings of its pattern.
//! - `a ? b : c`, `a || b`, `a ?? b`, `a && b` are `Union` of the operands that can be the value (for `&&` both).
//! - Parentheses, `!`, `satisfies` and sequence expressions (last operand) vanish; `as T` keeps its type.
//! - `import x = require('y')` is an import entry with `ImportedName::Equals`.
//! - TypeScript parameter properties make a field member plus a store `this.x = parameter`.
//! - Class field initialisers are owned by the constructor (a synthetic one where the source has none); static
//!   initialisers and static blocks belong to the enclosing function, and `this` in them is `Class`.
//! - Guards are in simplest form: `!` turns into `negated`, `if (a && b)` is a guard for `a` and one for `b`.
//! - `module.exports = x` is a store of `exports` on the global `module`. Enums and namespaces are bindings that
//!   an object literal is assigned to; type parameters are types that stand for their constraints.

#[cfg(test)]
mod dump;
mod index;
mod lower;
#[cfg(test)]
mod tests;
mod walk;

pub use index::Index;
pub use lower::{LowerProblem, lower};

use crate::source::Span;

/// Makes an arena index type.
macro_rules! index_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
        impl $name {
            /// The position in its arena.
            pub fn index(self) -> usize { self.0 as usize }
        }
    };
}
index_type!(/** An expression of a file. */ ExprId);
index_type!(/** A function of a file; 0 is the module body. */ FunctionId);
index_type!(/** A class of a file. */ ClassId);
index_type!(/** A variable, parameter, import, function or class name in its scope. */ BindingId);
index_type!(/** A condition or loop around code. */ GuardId);
index_type!(/** A string of a file: identifier, property name or string literal. */ Name);

impl FunctionId {
    /// The code outside all functions.
    pub const MODULE: FunctionId = FunctionId(0);
}

/// Everything known of one file.
#[derive(Debug, Default)]
pub struct ModuleFacts {
    /// The file's strings, each once; `Name` indexes it.
    pub names: Vec<Box<str>>,
    /// All expressions, children before parents, in source order otherwise.
    pub exprs: Vec<Expr>,
    /// All functions; `[0]` is the module body.
    pub functions: Vec<Function>,
    /// All classes.
    pub classes: Vec<Class>,
    /// All bindings.
    pub bindings: Vec<Binding>,
    /// All guards.
    pub guards: Vec<Guard>,
    /// `binding = value`, initialisers and desugared patterns included. Compound assignments (`+=`, `++`) appear
    /// with `AssignKind::Update`.
    pub assigns: Vec<Assign>,
    /// `object.property = value` and kin.
    pub stores: Vec<Store>,
    /// `delete object.property` and `delete object[key]`: the deleted member expression.
    pub deletes: Vec<ExprId>,
    /// Static imports, in source order.
    pub imports: Vec<ImportEntry>,
    /// ESM exports and `export =`. CommonJS exports are stores on `module.exports`/`exports`, which appear as
    /// `ExprKind::ModuleExports`.
    pub exports: Vec<ExportEntry>,
    /// Type aliases, interfaces and enums by binding.
    pub types: Vec<TypeDeclaration>,
    /// Comments that speak to crosscast: `crosscast-ignore …`.
    pub directives: Vec<Directive>,
    /// The first syntax error, if any.
    pub syntax_error: Option<Span>,
    /// Whether `"use client"` stands at the top.
    pub use_client: bool,
    /// Answers about all this, found once.
    pub index: Index,
}

impl ModuleFacts {
    /// The text of a name.
    pub fn name(&self, name: Name) -> &str {
        &self.names[name.index()]
    }
    /// An expression.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.index()]
    }
    /// A function.
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.index()]
    }
    /// A class.
    pub fn class(&self, id: ClassId) -> &Class {
        &self.classes[id.index()]
    }
    /// A binding.
    pub fn binding(&self, id: BindingId) -> &Binding {
        &self.bindings[id.index()]
    }
    /// A guard.
    pub fn guard(&self, id: GuardId) -> &Guard {
        &self.guards[id.index()]
    }
}

/// An expression with where it stands.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its source range in bytes.
    pub span: Span,
    /// The function whose call evaluates it.
    pub function: FunctionId,
    /// The innermost condition or loop around it within that function.
    pub guard: Option<GuardId>,
}

/// The kinds of expressions the solver tells apart.
#[expect(missing_docs, reason = "the docs of the variants name their fields")]
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// A string literal or a template without substitutions.
    String(Name),
    /// A number literal, as written.
    Number(Name),
    /// `true` or `false`.
    Bool(bool),
    /// `null` or `undefined`.
    Nullish,
    /// A template with substitutions: the text pieces and the substituted expressions, alternating; `texts` has
    /// one entry more than `parts`.
    Template { texts: Box<[Name]>, parts: Box<[ExprId]> },
    /// A tagged template: ``sql`…` ``.
    Tagged { tag: ExprId, texts: Box<[Name]>, parts: Box<[ExprId]> },
    /// A use of a name bound in this file.
    Binding(BindingId),
    /// A use of a name that this file does not bind.
    Global(Name),
    /// `this`; `Expr::function` is the nearest function, the solver skips arrows.
    This,
    /// `super`.
    Super,
    /// `module.exports`, `exports` or top-level `this` of a CommonJS module.
    ModuleExports,
    /// `object.property`; private names keep their `#`.
    Member { object: ExprId, property: Name, optional: bool },
    /// `object[index]`; a constant string index is lowered to `Member`.
    Index { object: ExprId, index: ExprId },
    /// `callee(args)`.
    Call { callee: ExprId, args: Box<[Argument]>, optional: bool },
    /// `new callee(args)`.
    New { callee: ExprId, args: Box<[Argument]> },
    /// `require('specifier')`.
    Require(Name),
    /// `import('specifier')`.
    ImportCall(Name),
    /// A function, arrow or method as a value.
    Function(FunctionId),
    /// A class as a value.
    Class(ClassId),
    /// An object literal.
    Object(Box<[Property]>),
    /// An array literal.
    Array(Box<[Argument]>),
    /// One of several values.
    Union(Box<[ExprId]>),
    /// `await e`.
    Await(ExprId),
    /// `yield e` (`delegate` for `yield*`).
    Yield { value: Option<ExprId>, delegate: bool },
    /// `!e`, `-e`, `typeof e`, `void e`; the operator as written.
    Unary { operator: Name, operand: ExprId },
    /// `a + b`, `a === b`, `a in b`, …; the operator as written.
    Binary { operator: Name, left: ExprId, right: ExprId },
    /// `target = value` as a value; its effect stands in `assigns`/`stores`. The target is only an expression
    /// where it is read as well (`+=`, `++`); `a ||= b` is the union of `a` and this.
    Assign { target: Option<ExprId>, value: ExprId },
    /// `e as T`, `<T>e`.
    Typed { value: ExprId, ty: TypeExpr },
    /// The value that a caller passes.
    Parameter { function: FunctionId, index: u32, rest: bool },
    /// `arguments`.
    Arguments,
    /// The error that a `catch` clause receives.
    Caught,
    /// An element of an iterable.
    ElementOf(ExprId),
    /// A key of an object.
    KeyOf(ExprId),
    /// JSX: the expressions in it.
    Jsx(Box<[ExprId]>),
    /// Regular expressions, `import.meta`, `new.target` and broken code.
    Unknown,
}

/// An argument or array element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    /// The value.
    pub value: ExprId,
    /// Whether it is `...value`.
    pub spread: bool,
}

/// A property of an object literal.
#[derive(Debug, Clone)]
pub struct Property {
    /// Its key.
    pub key: PropertyKey,
    /// Its value; for getters and setters the function.
    pub value: ExprId,
}

/// The key of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertyKey {
    /// `name: …`, `"name": …`, shorthand and methods.
    Named(Name),
    /// `[e]: …`.
    Computed(ExprId),
    /// `...e`.
    Spread,
    /// `get name() {…}`.
    Getter(Name),
    /// `set name(v) {…}`.
    Setter(Name),
}

/// How a function was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionKind {
    /// The module body.
    Module,
    /// `function f() {}`, declared or as a value.
    Function,
    /// `() => …`.
    Arrow,
    /// A method of an object literal or class, accessors included.
    Method,
    /// A class constructor (a synthetic one where fields have initialisers but no constructor is written).
    Constructor,
}

/// A function.
#[derive(Debug, Clone)]
pub struct Function {
    /// How it was written.
    pub kind: FunctionKind,
    /// Its own name, or the name of the variable, property or method it is the value of.
    pub name: Option<Name>,
    /// Parameters in order.
    pub parameters: Vec<Parameter>,
    /// Returned expressions, the body of a concise arrow included.
    pub returns: Vec<ExprId>,
    /// Yielded expressions.
    pub yields: Vec<ExprId>,
    /// The function around it (itself for the module body).
    pub parent: FunctionId,
    /// The guard around its creation.
    pub guard: Option<GuardId>,
    /// The class it is a member of.
    pub class: Option<ClassId>,
    /// Whether it is a static member.
    pub is_static: bool,
    /// `async`.
    pub is_async: bool,
    /// `function*`.
    pub is_generator: bool,
    /// A constructor that no one wrote: it passes its arguments on to the superclass.
    pub is_synthetic: bool,
    /// The declared return type.
    pub return_type: Option<TypeExpr>,
    /// The expression that creates it (none for the module body and class members).
    pub value: Option<ExprId>,
    /// Its whole range.
    pub span: Span,
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// `ExprKind::Parameter` of it.
    pub value: ExprId,
    /// The binding, where the pattern is a plain name.
    pub binding: Option<BindingId>,
    /// Whether it is `...rest`.
    pub rest: bool,
    /// Its TypeScript or JSDoc type.
    pub ty: Option<TypeExpr>,
    /// Decorators on it, as call or name expressions.
    pub decorators: Vec<ExprId>,
}

/// A class.
#[derive(Debug, Clone)]
pub struct Class {
    /// Its name.
    pub name: Option<Name>,
    /// The binding that its declaration makes.
    pub binding: Option<BindingId>,
    /// `extends e`.
    pub superclass: Option<ExprId>,
    /// `implements T`.
    pub implements: Vec<TypeExpr>,
    /// Members in order.
    pub members: Vec<ClassMember>,
    /// The constructor.
    pub constructor: Option<FunctionId>,
    /// Decorators, as call or name expressions.
    pub decorators: Vec<ExprId>,
    /// The function it is declared in.
    pub function: FunctionId,
    /// The expression that makes it.
    pub value: ExprId,
    /// Whether it is `abstract`.
    pub is_abstract: bool,
    /// Its whole range.
    pub span: Span,
}

/// A class member.
#[derive(Debug, Clone)]
pub struct ClassMember {
    /// Its name; `#x` for private ones; `None` where it is computed from a non-constant.
    pub name: Option<Name>,
    /// What it is.
    pub kind: MemberKind,
    /// `static`.
    pub is_static: bool,
    /// Declared type of a field (a method's stands in its function).
    pub ty: Option<TypeExpr>,
    /// Decorators on it.
    pub decorators: Vec<ExprId>,
    /// Its range.
    pub span: Span,
}

/// The kinds of class members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// A method.
    Method(FunctionId),
    /// `get x()`.
    Getter(FunctionId),
    /// `set x(v)`.
    Setter(FunctionId),
    /// A field with its initialiser; parameter properties too.
    Field(Option<ExprId>),
}

/// What made a binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindingKind {
    /// `var`, and assignments to undeclared names are `Global` instead.
    Var,
    /// `let`.
    Let,
    /// `const`, `using`.
    Const,
    /// A parameter.
    Parameter,
    /// A function declaration.
    Function,
    /// A class declaration.
    Class,
    /// An import.
    Import,
    /// A catch clause.
    Catch,
    /// A type alias, interface or namespace.
    Type,
    /// An enum.
    Enum,
}

/// A name in its scope.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The name.
    pub name: Name,
    /// What made it.
    pub kind: BindingKind,
    /// The function whose call creates it.
    pub function: FunctionId,
    /// Its TypeScript or JSDoc type.
    pub ty: Option<TypeExpr>,
    /// The guard around its declaration.
    pub guard: Option<GuardId>,
    /// The declared name's range.
    pub span: Span,
}

/// How an assignment writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignKind {
    /// The declaration's initialiser (or its pattern's).
    Declare,
    /// `=`.
    Assign,
    /// `+=`, `++`, `||=`, …
    Update,
}

/// `binding = value`.
#[derive(Debug, Clone)]
pub struct Assign {
    /// The target.
    pub binding: BindingId,
    /// The value; for `x++` the operand.
    pub value: ExprId,
    /// How.
    pub kind: AssignKind,
    /// The whole assignment's range.
    pub span: Span,
    /// The function that runs it.
    pub function: FunctionId,
    /// The innermost guard around it.
    pub guard: Option<GuardId>,
}

/// `object.property = value`; assignment to an undeclared global is a store with `object: None`.
#[derive(Debug, Clone)]
pub struct Store {
    /// The object; none for an undeclared global.
    pub object: Option<ExprId>,
    /// The property.
    pub key: StoreKey,
    /// The value; for `x.n++` the member expression itself.
    pub value: ExprId,
    /// How.
    pub kind: AssignKind,
    /// The whole assignment's range.
    pub span: Span,
    /// The function that runs it.
    pub function: FunctionId,
    /// The innermost guard around it.
    pub guard: Option<GuardId>,
}

/// The key of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKey {
    /// `.name` or a constant index.
    Named(Name),
    /// `[e]`.
    Computed(ExprId),
}

/// A condition or loop around code.
#[derive(Debug, Clone)]
pub struct Guard {
    /// What it is.
    pub kind: GuardKind,
    /// The guard around it, in the same function.
    pub parent: Option<GuardId>,
    /// The condition's range (for loops, the head's).
    pub span: Span,
}

/// The kinds of guards.
#[expect(missing_docs, reason = "the docs of the variants name their fields")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardKind {
    /// Runs if the expression is truthy (or falsy, when `negated`): `if`, `?:`, `&&`, `||`, and what follows an
    /// early exit `if (!x) return;` (negated accordingly).
    If { condition: ExprId, negated: bool },
    /// `case value:` of `switch (subject)`; `default` has no value.
    Case { subject: ExprId, value: Option<ExprId> },
    /// `for…of`, `for…in`: the iterated expression.
    ForEach(ExprId),
    /// Another loop, with its condition.
    While(Option<ExprId>),
    /// A `catch` block.
    Catch,
}

/// `import …` of one name.
#[derive(Debug, Clone)]
pub struct ImportEntry {
    /// The module specifier.
    pub specifier: Name,
    /// What is imported.
    pub imported: ImportedName,
    /// The local binding; none for `import 'x'`.
    pub binding: Option<BindingId>,
    /// `import type`.
    pub type_only: bool,
    /// Range of the statement.
    pub span: Span,
}

/// What an import takes from the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportedName {
    /// `import x from`.
    Default,
    /// `import * as x from`.
    Namespace,
    /// `import { x } from`.
    Named(Name),
    /// `import x = require()`.
    Equals,
    /// `import 'x'`.
    Nothing,
}

/// An ESM export.
#[derive(Debug, Clone)]
pub struct ExportEntry {
    /// What it exports.
    pub kind: ExportKind,
    /// Range.
    pub span: Span,
}

/// The kinds of exports.
#[expect(missing_docs, reason = "the docs of the variants name their fields")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportKind {
    /// `export { binding as name }`, `export const name`, `export default function f`.
    Binding { name: Name, binding: BindingId },
    /// `export default expression` (name is `default`).
    Value { name: Name, value: ExprId },
    /// `export { imported as name } from 'specifier'`; `export * as name` has `imported: None`.
    From { name: Name, imported: Option<Name>, specifier: Name },
    /// `export * from 'specifier'`.
    All { specifier: Name },
    /// `export = value`.
    Equals { value: ExprId },
}

/// A declared type.
#[derive(Debug, Clone)]
pub struct TypeDeclaration {
    /// Its binding.
    pub binding: BindingId,
    /// What it stands for; interfaces are `TypeExpr::Object`.
    pub ty: TypeExpr,
    /// `extends` of an interface.
    pub extends: Vec<TypeExpr>,
    /// Range.
    pub span: Span,
}

/// A TypeScript or JSDoc type, as far as values can be told from it.
#[expect(missing_docs, reason = "the docs of the variants name their fields")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeExpr {
    /// `Server`, `io.Server`, `Map<string, Socket>`: the first segment's binding if this file binds it.
    Named { binding: Option<BindingId>, path: Vec<Name>, arguments: Vec<TypeExpr> },
    /// `import('x').Server`.
    Import { specifier: Name, path: Vec<Name>, arguments: Vec<TypeExpr> },
    /// `A | B` and `A & B`.
    Union(Vec<TypeExpr>),
    /// `{ a: T }`.
    Object(Vec<(Name, TypeExpr)>),
    /// `T[]`.
    Array(Box<TypeExpr>),
    /// `typeof x`.
    TypeOf(ExprId),
    /// A function type; its result.
    Function(Box<TypeExpr>),
    /// `string`.
    String,
    /// `number`, `bigint`.
    Number,
    /// Anything else.
    Other,
}

/// `// crosscast-ignore CHECK: reason`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// The text after `crosscast-`.
    pub text: String,
    /// Range of the comment.
    pub span: Span,
}
