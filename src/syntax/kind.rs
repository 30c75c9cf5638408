//! The node kinds and fields that lowering tells apart, and what the grammars call them.

/// Makes an enum whose variants know the names that grammars give them.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $($text:literal)|+,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name {
            /// What lowering does not ask for.
            Other,
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// The variant that a grammar's name means.
            pub(super) fn from_grammar(text: &str) -> $name {
                match text {
                    $($($text)|+ => $name::$variant,)*
                    _ => $name::Other,
                }
            }
        }
    };
}

vocabulary! {
    /// What a node is.
    Kind {
        /// The whole file.
        Program = "program",
        /// What the parser could not read.
        Error = "ERROR",

        // Statements.
        /// `e;`.
        ExpressionStatement = "expression_statement",
        /// `var …`.
        VarDeclaration = "variable_declaration",
        /// `let …`, `const …`.
        LexicalDeclaration = "lexical_declaration",
        /// `using …`.
        UsingDeclaration = "using_declaration",
        /// `name = value` of a declaration.
        Declarator = "variable_declarator",
        /// `function f() {}`, generators too.
        FunctionDeclaration = "function_declaration" | "generator_function_declaration",
        /// An overload or ambient function.
        FunctionSignature = "function_signature",
        /// `class C {}`.
        ClassDeclaration = "class_declaration",
        /// `abstract class C {}`.
        AbstractClassDeclaration = "abstract_class_declaration",
        /// `{ … }` of statements.
        Block = "statement_block",
        /// `if (…) …`.
        If = "if_statement",
        /// `else …`.
        Else = "else_clause",
        /// `switch (…) …`.
        Switch = "switch_statement",
        /// The cases of a `switch`.
        SwitchBody = "switch_body",
        /// `case v: …`.
        SwitchCase = "switch_case",
        /// `default: …`.
        SwitchDefault = "switch_default",
        /// `for (;;) …`.
        For = "for_statement",
        /// `for (… of …) …` and `for (… in …) …`.
        ForIn = "for_in_statement",
        /// `while (…) …`.
        While = "while_statement",
        /// `do … while (…)`.
        Do = "do_statement",
        /// `try …`.
        Try = "try_statement",
        /// `catch (e) …`.
        Catch = "catch_clause",
        /// `finally …`.
        Finally = "finally_clause",
        /// `return e;`.
        Return = "return_statement",
        /// `throw e;`.
        Throw = "throw_statement",
        /// `break;`.
        Break = "break_statement",
        /// `continue;`.
        Continue = "continue_statement",
        /// `label: …`.
        Labeled = "labeled_statement",
        /// `with (o) …`.
        With = "with_statement",
        /// `;` and `debugger;`.
        Empty = "empty_statement" | "debugger_statement",

        // Modules.
        /// `import …`.
        Import = "import_statement",
        /// What an import binds.
        ImportClause = "import_clause",
        /// `{ a, b as c }` of an import.
        NamedImports = "named_imports",
        /// `* as ns` of an import.
        NamespaceImport = "namespace_import",
        /// `a as b` of an import.
        ImportSpecifier = "import_specifier",
        /// `x = require('y')` of an import.
        ImportRequire = "import_require_clause",
        /// `import a = b.c`.
        ImportAlias = "import_alias",
        /// `export …`.
        Export = "export_statement",
        /// `{ a, b as c }` of an export.
        ExportClause = "export_clause",
        /// `a as b` of an export.
        ExportSpecifier = "export_specifier",
        /// `* as ns` of an export.
        NamespaceExport = "namespace_export",

        // Declarations of TypeScript.
        /// `interface I {}`.
        Interface = "interface_declaration",
        /// `type T = …`.
        TypeAlias = "type_alias_declaration",
        /// `enum E {}`.
        Enum = "enum_declaration",
        /// The members of an enum.
        EnumBody = "enum_body",
        /// `A = 1` of an enum.
        EnumAssignment = "enum_assignment",
        /// `declare …`.
        Ambient = "ambient_declaration",
        /// `namespace N {}`.
        Namespace = "internal_module" | "module",

        // Expressions.
        /// A use of a name.
        Identifier = "identifier",
        /// `undefined`.
        Undefined = "undefined",
        /// `this`.
        This = "this",
        /// `super`.
        Super = "super",
        /// A number literal.
        Number = "number",
        /// A string literal.
        String = "string",
        /// A template literal.
        Template = "template_string",
        /// `${e}` of a template.
        TemplateSubstitution = "template_substitution",
        /// A regular expression.
        Regex = "regex",
        /// `true`.
        True = "true",
        /// `false`.
        False = "false",
        /// `null`.
        Null = "null",
        /// `new.target`, `import.meta`.
        MetaProperty = "meta_property",
        /// `import` of `import()`.
        ImportKeyword = "import",
        /// `{ a: 1 }`.
        Object = "object",
        /// `key: value` of an object.
        Pair = "pair",
        /// `{ a }`.
        Shorthand = "shorthand_property_identifier",
        /// `...e`.
        Spread = "spread_element",
        /// `[a, b]`.
        Array = "array",
        /// `function () {}` as a value, generators too.
        FunctionExpression = "function_expression" | "generator_function",
        /// `() => …`.
        Arrow = "arrow_function",
        /// `class {}` as a value.
        ClassExpression = "class",
        /// `(e)`.
        Parenthesized = "parenthesized_expression",
        /// `a.b`; `nested_identifier` is the same inside types.
        Member = "member_expression" | "nested_identifier",
        /// `a[b]`.
        Subscript = "subscript_expression",
        /// `f(x)` and tagged templates.
        Call = "call_expression",
        /// `f<T>`.
        Instantiation = "instantiation_expression",
        /// `e!`.
        NonNull = "non_null_expression",
        /// `new C(x)`.
        New = "new_expression",
        /// `(a, b)` of a call.
        Arguments = "arguments",
        /// `await e`.
        Await = "await_expression",
        /// `yield e`.
        Yield = "yield_expression",
        /// `!e`.
        Unary = "unary_expression",
        /// `e++`.
        Update = "update_expression",
        /// `a + b`.
        Binary = "binary_expression",
        /// `a ? b : c`.
        Ternary = "ternary_expression",
        /// `a = b`.
        Assignment = "assignment_expression",
        /// `a += b`.
        AugmentedAssignment = "augmented_assignment_expression",
        /// `a, b`.
        Sequence = "sequence_expression",
        /// `e as T`.
        As = "as_expression",
        /// `e satisfies T`.
        Satisfies = "satisfies_expression",
        /// `<T>e`.
        TypeAssertion = "type_assertion",
        /// `?.`.
        OptionalChain = "optional_chain" | "?.",

        // JSX.
        /// `<a>…</a>`.
        JsxElement = "jsx_element",
        /// `<a />`.
        JsxSelfClosing = "jsx_self_closing_element",
        /// `<a …>`.
        JsxOpening = "jsx_opening_element",
        /// `</a>`.
        JsxClosing = "jsx_closing_element",
        /// `a={…}`.
        JsxAttribute = "jsx_attribute",
        /// `{e}`.
        JsxExpression = "jsx_expression",
        /// `a:b`.
        JsxNamespaceName = "jsx_namespace_name",

        // Names.
        /// A name after a dot or before a colon.
        PropertyName = "property_identifier",
        /// `#x`.
        PrivateName = "private_property_identifier",
        /// `[e]` as a key.
        ComputedName = "computed_property_name",

        // Functions and classes.
        /// The parameters of a function.
        Parameters = "formal_parameters",
        /// A parameter of the TypeScript grammar.
        Parameter = "required_parameter" | "optional_parameter",
        /// The members of a class.
        ClassBody = "class_body",
        /// What a class extends and implements.
        ClassHeritage = "class_heritage",
        /// `extends e`.
        Extends = "extends_clause",
        /// `implements T`.
        Implements = "implements_clause",
        /// `extends T` of an interface.
        ExtendsType = "extends_type_clause",
        /// A method of a class or object.
        Method = "method_definition",
        /// A field of a class.
        FieldDefinition = "field_definition" | "public_field_definition",
        /// `static {}`.
        StaticBlock = "class_static_block",
        /// `@d`.
        Decorator = "decorator",
        /// `override`.
        Override = "override_modifier",
        /// `public`, `private`, `protected`.
        Accessibility = "accessibility_modifier",

        // Patterns.
        /// `{ a, b: c }` that takes apart.
        ObjectPattern = "object_pattern",
        /// `[a, b]` that takes apart.
        ArrayPattern = "array_pattern",
        /// `p = e` in a pattern or parameter.
        AssignmentPattern = "assignment_pattern",
        /// `a = e` in an object pattern.
        ObjectAssignmentPattern = "object_assignment_pattern",
        /// `key: p` in an object pattern.
        PairPattern = "pair_pattern",
        /// `...p`.
        RestPattern = "rest_pattern",
        /// `a` in an object pattern.
        ShorthandPattern = "shorthand_property_identifier_pattern",

        // Types.
        /// `: T`.
        TypeAnnotation = "type_annotation",
        /// `<A, B>` of a use.
        TypeArguments = "type_arguments",
        /// `<A, B>` of a declaration.
        TypeParameters = "type_parameters",
        /// `A extends B`.
        TypeParameter = "type_parameter",
        /// `extends B` of a type parameter.
        Constraint = "constraint",
        /// A name of a type.
        TypeIdentifier = "type_identifier",
        /// `a.T`.
        NestedTypeIdentifier = "nested_type_identifier",
        /// `T<A>`.
        GenericType = "generic_type",
        /// `string`, `any`, ….
        PredefinedType = "predefined_type",
        /// `A | B`.
        UnionType = "union_type",
        /// `A & B`.
        IntersectionType = "intersection_type",
        /// `T[]`.
        ArrayType = "array_type",
        /// `[A, B]`.
        TupleType = "tuple_type",
        /// `readonly T`.
        ReadonlyType = "readonly_type",
        /// `(T)`.
        ParenthesizedType = "parenthesized_type",
        /// `{ a: T }`, the body of an interface too.
        ObjectType = "object_type" | "interface_body",
        /// `a: T` in an object type.
        PropertySignature = "property_signature",
        /// `a(): T` in an object type or class.
        MethodSignature = "method_signature" | "abstract_method_signature",
        /// `[k: string]: T`.
        IndexSignature = "index_signature",
        /// `() => T`.
        FunctionType = "function_type",
        /// `typeof x`.
        TypeQuery = "type_query",
        /// `'a'`, `1`, `null` as a type.
        LiteralType = "literal_type",
        /// A template literal as a type.
        TemplateLiteralType = "template_literal_type",
        /// `T?` in a tuple.
        OptionalType = "optional_type",
        /// `...T` in a tuple.
        RestType = "rest_type",

        // Words and signs that are nodes because their presence means something.
        /// An operator as written.
        Operator = " operator ",
        /// `async`.
        Async = "async",
        /// `static`.
        Static = "static",
        /// `get`.
        Get = "get",
        /// `set`.
        Set = "set",
        /// `*`.
        Star = "*",
        /// `type` of an import or export.
        TypeWord = "type",
        /// `typeof` of an import.
        TypeofWord = "typeof",
        /// `var` of a loop head.
        VarWord = "var",
        /// `const` of a declaration.
        ConstWord = "const",
        /// `let` of a declaration.
        LetWord = "let",
        /// `using` of a declaration.
        UsingWord = "using",
        /// `of` of a loop head.
        OfWord = "of",
        /// `default` of an export.
        DefaultWord = "default",
        /// `readonly`.
        Readonly = "readonly",
        /// `=` of `export =`.
        Equals = "=",
        /// `#!…`.
        HashBang = "hash_bang_line",
        /// A comment; kept beside the tree.
        Comment = "comment" | "html_comment",
    }
}

vocabulary! {
    /// The role of a node in its parent.
    Field {
        /// `alias`.
        Alias = "alias",
        /// `alternative`.
        Alternative = "alternative",
        /// `argument`.
        Argument = "argument",
        /// `arguments`.
        Arguments = "arguments",
        /// `body`.
        Body = "body",
        /// `condition`.
        Condition = "condition",
        /// `consequence`.
        Consequence = "consequence",
        /// `constructor`.
        Constructor = "constructor",
        /// `declaration`.
        Declaration = "declaration",
        /// `decorator`.
        Decorator = "decorator",
        /// `finalizer`.
        Finalizer = "finalizer",
        /// `function`.
        Function = "function",
        /// `handler`.
        Handler = "handler",
        /// `increment`.
        Increment = "increment",
        /// `index`.
        Index = "index",
        /// `initializer`.
        Initializer = "initializer",
        /// `key`.
        Key = "key",
        /// `kind`.
        Kind = "kind",
        /// `left`.
        Left = "left",
        /// `module`.
        Module = "module",
        /// `name`; the JavaScript grammar says `property` for fields.
        Name = "name",
        /// `object`.
        Object = "object",
        /// `operator`.
        Operator = "operator",
        /// `parameter`.
        Parameter = "parameter",
        /// `parameters`.
        Parameters = "parameters",
        /// `pattern`.
        Pattern = "pattern",
        /// `property`.
        Property = "property",
        /// `return_type`.
        ReturnType = "return_type",
        /// `right`.
        Right = "right",
        /// `source`.
        Source = "source",
        /// `type`.
        Type = "type",
        /// `type_arguments`.
        TypeArguments = "type_arguments",
        /// `type_parameters`.
        TypeParameters = "type_parameters",
        /// `value`.
        Value = "value",
    }
}

impl Kind {
    /// Whether it is a word or sign rather than a construct.
    pub fn is_token(self) -> bool {
        (Kind::Operator..=Kind::Comment).contains(&self) || self == Kind::OptionalChain
    }

    /// Whether it stands where statements stand.
    pub fn is_statement(self) -> bool {
        (Kind::ExpressionStatement..=Kind::Namespace).contains(&self)
    }

    /// Whether it is an expression.
    pub fn is_expression(self) -> bool {
        (Kind::Identifier..=Kind::TypeAssertion).contains(&self)
            || matches!(self, Kind::JsxElement | Kind::JsxSelfClosing)
    }

    /// Whether it only speaks of types.
    pub fn is_type(self) -> bool {
        (Kind::TypeAnnotation..=Kind::RestType).contains(&self)
    }

    /// Whether it makes a function with parameters and a body of its own.
    pub fn is_function(self) -> bool {
        matches!(self, Kind::FunctionDeclaration | Kind::FunctionExpression | Kind::Arrow | Kind::Method)
    }

    /// Whether its inside is never asked for, so that it is copied as a leaf.
    pub(super) fn is_leaf(self) -> bool {
        matches!(
            self,
            Kind::String
                | Kind::Regex
                | Kind::HashBang
                | Kind::TemplateLiteralType
                | Kind::PredefinedType
                | Kind::OptionalChain
        )
    }
}
