//! Constraints of one module: what each expression, assignment, function and class says.

use super::library::Decoration;
use super::solver::{ArgumentNode, CallKind, CallSite, Constraint, NO_NODE, Node, Solver};
use super::table::Atom;
use super::value::{AbstractValue, ApiObject, ClassRef, Confidence, ExprRef, FunctionRef};
use crate::facts::{
    Argument, BindingId, Class, ClassId, ExprId, ExprKind, FunctionId, FunctionKind, MemberKind, Name, PropertyKey,
    StoreKey,
};
use crate::modules::ModuleId;

impl Solver<'_> {
    /// The node of an expression. Expressions that merely pass a value on share the node of that value.
    pub(super) fn node(&mut self, module: ModuleId, expr: ExprId) -> Node {
        let known = self.expr_nodes[module.index()][expr.index()];
        if known != NO_NODE {
            return Node(known);
        }
        let facts = self.facts(module);
        let node = match facts.expr(expr).kind {
            ExprKind::Binding(binding) => self.binding_node(module, binding),
            ExprKind::Await(inner)
            | ExprKind::Typed { value: inner, .. }
            | ExprKind::Assign { value: inner, .. } => self.node(module, inner),
            ExprKind::This => {
                let function = facts.expr(expr).function;
                self.this_node(FunctionRef { module, function })
            }
            _ => self.fresh_node(),
        };
        self.expr_nodes[module.index()][expr.index()] = node.0;
        node
    }

    /// The node of a variable.
    pub(super) fn binding_node(&mut self, module: ModuleId, binding: BindingId) -> Node {
        let known = self.binding_nodes[module.index()][binding.index()];
        if known != NO_NODE {
            return Node(known);
        }
        let node = self.fresh_node();
        self.binding_nodes[module.index()][binding.index()] = node.0;
        node
    }

    /// The solver's atom of a module's name.
    pub(super) fn atom(&self, module: ModuleId, name: Name) -> Atom {
        self.name_atoms[module.index()][name.index()]
    }

    /// Adds all constraints of a module.
    pub(super) fn generate(&mut self, module: ModuleId) {
        let facts = self.facts(module);
        let mut callees = vec![false; facts.exprs.len()];
        for expr in &facts.exprs {
            if let ExprKind::Call { callee, .. } | ExprKind::Tagged { tag: callee, .. } = expr.kind {
                callees[callee.index()] = true;
            }
        }
        self.callees = callees;
        for index in 0..facts.exprs.len() {
            self.generate_expr(module, ExprId(index as u32));
        }
        for assign in &facts.assigns {
            let to = self.binding_node(module, assign.binding);
            let from = self.node(module, assign.value);
            self.subset(from, to);
        }
        for store in &facts.stores {
            let from = self.node(module, store.value);
            let site = ExprRef { module, expr: store.value };
            match (store.object, store.key) {
                (None, StoreKey::Named(name)) => {
                    let key = self.atom(module, name);
                    let field = self.field(self.global_object, key);
                    self.subset(from, field);
                }
                (Some(object), StoreKey::Named(name)) if self.is_module_object(module, object, name) => {
                    let whole = self.whole_exports(module);
                    self.subset(from, whole);
                }
                (Some(object), StoreKey::Named(name)) => {
                    let (object, key) = (self.node(module, object), self.atom(module, name));
                    self.add_constraint(object, Constraint::Store { key, from, site });
                }
                (Some(object), StoreKey::Computed(index)) => {
                    let object = self.node(module, object);
                    let index = self.index_node(module, index);
                    self.add_constraint(object, Constraint::StoreIndex { index, from });
                }
                (None, StoreKey::Computed(_)) => {}
            }
        }
        for index in 0..facts.functions.len() {
            self.generate_function(module, FunctionId(index as u32));
        }
        for index in 0..facts.classes.len() {
            self.generate_class(module, ClassId(index as u32));
        }
        self.generate_imports(module);
        self.generate_exports(module);
        self.generate_conventions(module);
    }

    /// Whether `object.name` is `module.exports`.
    pub(super) fn is_module_object(&self, module: ModuleId, object: ExprId, name: Name) -> bool {
        let facts = self.facts(module);
        let ExprKind::Global(global) = facts.expr(object).kind else { return false };
        facts.name(global) == "module" && facts.name(name) == "exports"
    }

    fn generate_expr(&mut self, module: ModuleId, expr: ExprId) {
        let facts = self.facts(module);
        let at = ExprRef { module, expr };
        match &facts.expr(expr).kind {
            ExprKind::String(name) => {
                let value = self.values.intern(AbstractValue::String(facts.name(*name).into()));
                self.add(module, expr, value);
            }
            ExprKind::Template { .. } | ExprKind::Binary { .. } | ExprKind::Caught | ExprKind::Yield { .. } => {
                let unknown = self.unknown;
                self.add(module, expr, unknown);
            }
            ExprKind::Global(name) => self.generate_global(at, *name),
            ExprKind::ModuleExports => self.generate_module_exports(at),
            ExprKind::Member { .. } | ExprKind::Index { .. } | ExprKind::ElementOf(_) | ExprKind::KeyOf(_) => {
                self.generate_read(at);
            }
            ExprKind::Call { callee, args, .. } => self.generate_call(at, *callee, args),
            ExprKind::New { callee, args } => {
                let call = self.new_call(at, CallKind::New, *callee, args);
                let callee = self.node(module, *callee);
                self.add_constraint(callee, Constraint::Call { call, this: None });
            }
            ExprKind::Tagged { tag, parts, .. } => self.generate_tagged(at, *tag, parts),
            ExprKind::Require(name) | ExprKind::ImportCall(name) => {
                let to = self.node(module, expr);
                let dynamic = matches!(facts.expr(expr).kind, ExprKind::ImportCall(_));
                self.load_module(module, *name, to, dynamic);
            }
            ExprKind::Function(function) => {
                let value =
                    self.values.intern(AbstractValue::Function(FunctionRef { module, function: *function }));
                self.add(module, expr, value);
            }
            ExprKind::Class(class) => {
                let value = self.values.intern(AbstractValue::Class(ClassRef { module, class: *class }));
                self.add(module, expr, value);
            }
            ExprKind::Object(properties) => self.generate_object(at, properties),
            ExprKind::Array(elements) => self.generate_array(at, elements),
            ExprKind::Union(parts) => {
                let to = self.node(module, expr);
                for &part in parts {
                    let from = self.node(module, part);
                    self.subset(from, to);
                }
            }
            ExprKind::Jsx(parts) => {
                for &part in parts {
                    let from = self.node(module, part);
                    self.add_constraint(from, Constraint::Escape { site: at });
                }
            }
            ExprKind::Arguments => {
                let function = self.this_function(FunctionRef { module, function: facts.expr(expr).function });
                let node = self.node(module, expr);
                self.arguments_nodes.insert(function, node);
            }
            _ => {}
        }
    }

    /// What an expression reads out of an object or a container.
    fn generate_read(&mut self, at: ExprRef) {
        let ExprRef { module, expr } = at;
        let to = self.node(module, expr);
        match &self.facts(module).expr(expr).kind {
            ExprKind::Member { object, property, .. } => self.generate_member(at, *object, *property),
            ExprKind::Index { object, index } => {
                let (object, index) = (self.node(module, *object), self.index_node(module, *index));
                self.add_constraint(object, Constraint::LoadIndex { index, to, site: at });
            }
            ExprKind::ElementOf(inner) => {
                let from = self.node(module, *inner);
                self.add_constraint(from, Constraint::LoadElement { to, site: at });
            }
            ExprKind::KeyOf(inner) => {
                let from = self.node(module, *inner);
                self.add_constraint(from, Constraint::LoadKey { to });
            }
            _ => {}
        }
    }

    fn add(&mut self, module: ModuleId, expr: ExprId, value: super::value::ValueId) {
        let node = self.node(module, expr);
        self.add_value(node, value);
    }

    /// The node of an index, where it can be a string; plain numbers and `x++` have none.
    fn index_node(&mut self, module: ModuleId, index: ExprId) -> Option<Node> {
        match &self.facts(module).expr(index).kind {
            ExprKind::Number(name) => {
                let text = self.facts(module).name(*name).into();
                let node = self.node(module, index);
                let value = self.values.intern(AbstractValue::Number(text));
                self.add_value(node, value);
                Some(node)
            }
            ExprKind::Binary { .. } | ExprKind::Unary { .. } => None,
            _ => Some(self.node(module, index)),
        }
    }

    fn generate_member(&mut self, at: ExprRef, object: ExprId, property: Name) {
        let (module, key) = (at.module, self.atom(at.module, property));
        let to = self.node(module, at.expr);
        if matches!(self.facts(module).expr(object).kind, ExprKind::Super) {
            return self.generate_super_member(at, key, to);
        }
        if self.callees[at.expr.index()] {
            // The call looks it up together with its receiver.
            return;
        }
        let from = self.node(module, object);
        self.add_constraint(from, Constraint::Load { key, to, site: at });
    }

    /// `super.key` read without a call.
    fn generate_super_member(&mut self, at: ExprRef, key: Atom, to: Node) {
        let Some((class, this)) = self.class_around(at) else { return };
        let Some(superclass) = self.facts(at.module).class(class.class).superclass else { return };
        let superclass = self.node(at.module, superclass);
        let instance = self.values.intern(AbstractValue::Instance(class));
        let _ = this;
        self.add_constraint(superclass, Constraint::SuperLookup { this: instance, key, to });
    }

    /// The class whose member an expression stands in, and the node of `this` there.
    pub(super) fn class_around(&mut self, at: ExprRef) -> Option<(ClassRef, Node)> {
        let facts = self.facts(at.module);
        let function = FunctionRef { module: at.module, function: facts.expr(at.expr).function };
        let method = self.this_function(function);
        let class = facts.function(method.function).class?;
        Some((ClassRef { module: at.module, class }, self.this_node(method)))
    }

    fn argument_nodes(&mut self, module: ModuleId, args: &[Argument]) -> Vec<ArgumentNode> {
        args.iter()
            .map(|argument| {
                let plain = matches!(
                    self.facts(module).expr(argument.value).kind,
                    ExprKind::Number(_) | ExprKind::Bool(_) | ExprKind::Nullish
                );
                let node = (!plain).then(|| self.node(module, argument.value));
                ArgumentNode { node, expr: Some(argument.value), spread: argument.spread }
            })
            .collect()
    }

    fn new_call(&mut self, at: ExprRef, kind: CallKind, callee: ExprId, args: &[Argument]) -> u32 {
        let arguments = self.argument_nodes(at.module, args);
        let result = self.node(at.module, at.expr);
        let callee = self.node(at.module, callee);
        self.calls.push(CallSite { site: at, kind, arguments, result, callee, resolved: false });
        self.calls.len() as u32 - 1
    }

    fn generate_call(&mut self, at: ExprRef, callee: ExprId, args: &[Argument]) {
        let facts = self.facts(at.module);
        match facts.expr(callee).kind {
            ExprKind::Super => {
                let call = self.new_call(at, CallKind::Super, callee, args);
                let Some((class, this)) = self.class_around(at) else { return };
                let instance = self.values.intern(AbstractValue::Instance(class));
                self.add_value(this, instance);
                if let Some(superclass) = facts.class(class.class).superclass {
                    let superclass = self.node(at.module, superclass);
                    self.add_constraint(superclass, Constraint::SuperConstructor { call, this: instance });
                    // Subclasses' fields that the superclass's constructor writes reach them by `this`.
                    self.calls[call as usize].resolved = true;
                }
            }
            ExprKind::Member { object, property, .. } => {
                let call = self.new_call(at, CallKind::Call, callee, args);
                let key = self.atom(at.module, property);
                if matches!(facts.expr(object).kind, ExprKind::Super) {
                    let Some((_, this)) = self.class_around(at) else { return };
                    return self.add_constraint(this, Constraint::CallSuperMember { call, key });
                }
                let object_node = self.node(at.module, object);
                self.generate_continuation(at, object_node, facts.name(property), call);
                self.add_constraint(object_node, Constraint::CallMember { call, key });
            }
            ExprKind::Index { object, index } => {
                // `handlers[name](…)`: `this` is the table, which its functions rarely use.
                let call = self.new_call(at, CallKind::Call, callee, args);
                let node = self.node(at.module, callee);
                let _ = (object, index);
                self.add_constraint(node, Constraint::Call { call, this: None });
            }
            _ => {
                let call = self.new_call(at, CallKind::Call, callee, args);
                let node = self.node(at.module, callee);
                self.add_constraint(node, Constraint::Call { call, this: None });
            }
        }
    }

    /// `super.key(…)`: `this` arrived.
    pub(super) fn call_super_member(&mut self, call: u32, this: super::value::ValueId, key: Atom) {
        let site = self.calls[call as usize].site;
        let Some((class, _)) = self.class_around(site) else { return };
        let Some(superclass) = self.facts(site.module).class(class.class).superclass else { return };
        let superclass = self.node(site.module, superclass);
        let found = self.fresh_node();
        self.add_constraint(superclass, Constraint::SuperLookup { this, key, to: found });
        self.add_constraint(found, Constraint::Call { call, this: Some(this) });
    }

    /// Promises are transparent: `x.then(f)` calls `f` with `x`, whatever `x` is.
    fn generate_continuation(&mut self, at: ExprRef, object: Node, method: &str, call: u32) {
        let arguments = self.calls[call as usize].arguments.clone();
        let output = self.calls[call as usize].result;
        let handler = |position: usize| arguments.get(position).and_then(|argument| argument.node);
        match method {
            "then" => {
                if let Some(node) = handler(0) {
                    self.add_constraint(node, Constraint::Continuation { site: at, input: Some(object), output });
                } else {
                    self.subset(object, output);
                }
                if let Some(node) = handler(1) {
                    self.add_constraint(node, Constraint::Continuation { site: at, input: None, output });
                }
            }
            "catch" | "finally" => {
                self.subset(object, output);
                if let Some(node) = handler(0) {
                    self.add_constraint(node, Constraint::Continuation { site: at, input: None, output });
                }
            }
            _ => return,
        }
        self.calls[call as usize].resolved = true;
    }

    fn generate_tagged(&mut self, at: ExprRef, tag: ExprId, parts: &[ExprId]) {
        let mut arguments = vec![ArgumentNode { node: None, expr: None, spread: false }];
        for &part in parts {
            let node = self.node(at.module, part);
            arguments.push(ArgumentNode { node: Some(node), expr: Some(part), spread: false });
        }
        let result = self.node(at.module, at.expr);
        let callee = self.node(at.module, tag);
        self.calls.push(CallSite { site: at, kind: CallKind::Call, arguments, result, callee, resolved: false });
        let call = self.calls.len() as u32 - 1;
        match self.facts(at.module).expr(tag).kind {
            ExprKind::Member { object, property, .. } => {
                let (object, key) = (self.node(at.module, object), self.atom(at.module, property));
                self.add_constraint(object, Constraint::CallMember { call, key });
            }
            _ => self.add_constraint(callee, Constraint::Call { call, this: None }),
        }
    }

    fn generate_object(&mut self, at: ExprRef, properties: &[crate::facts::Property]) {
        let object = self.values.intern(AbstractValue::Object(at));
        self.add(at.module, at.expr, object);
        let node = self.node(at.module, at.expr);
        self.generate_provider(at, properties);
        for property in properties {
            let value = self.node(at.module, property.value);
            match property.key {
                PropertyKey::Named(name) => {
                    let key = self.atom(at.module, name);
                    let field = self.field(object, key);
                    self.subset(value, field);
                    self.bind_method(at, property.value, object);
                }
                PropertyKey::Computed(index) => {
                    let index = self.index_node(at.module, index);
                    self.store_index(object, index, value);
                    self.bind_method(at, property.value, object);
                }
                PropertyKey::Spread => self.add_constraint(value, Constraint::CopyFields { target: node }),
                PropertyKey::Getter(name) => {
                    let ExprKind::Function(function) = self.facts(at.module).expr(property.value).kind else {
                        continue;
                    };
                    let key = self.atom(at.module, name);
                    let field = self.field(object, key);
                    let function = FunctionRef { module: at.module, function };
                    let output = self.return_node(function);
                    self.subset(output, field);
                    self.bind_method(at, property.value, object);
                    self.add_edge(function, at, super::EdgeKind::Direct);
                }
                PropertyKey::Setter(_) => self.bind_method(at, property.value, object),
            }
        }
    }

    /// A method of an object literal has the literal as `this` even where its calls are not seen.
    fn bind_method(&mut self, at: ExprRef, value: ExprId, object: super::value::ValueId) {
        let facts = self.facts(at.module);
        let ExprKind::Function(function) = facts.expr(value).kind else { return };
        if facts.function(function).kind != FunctionKind::Arrow {
            let this = self.this_node(FunctionRef { module: at.module, function });
            self.add_value(this, object);
        }
    }

    fn generate_array(&mut self, at: ExprRef, elements: &[Argument]) {
        let array = self.values.intern(AbstractValue::Object(at));
        self.add(at.module, at.expr, array);
        for (position, element) in elements.iter().enumerate() {
            let value = self.node(at.module, element.value);
            if element.spread {
                let field = self.field(array, Atom::ELEMENT);
                self.add_constraint(value, Constraint::LoadElement { to: field, site: at });
            } else {
                let key = self.atoms.intern(&position.to_string());
                let field = self.field(array, key);
                self.subset(value, field);
            }
        }
    }

    fn generate_global(&mut self, at: ExprRef, name: Name) {
        let text = self.facts(at.module).name(name);
        let to = self.node(at.module, at.expr);
        if matches!(text, "global" | "globalThis" | "window" | "self") {
            let global = self.global_object;
            self.add_value(to, global);
        }
        let key = self.atom(at.module, name);
        let field = self.field(self.global_object, key);
        self.subset(field, to);
        if let Some(ty) = self.rules.global(text) {
            let value = self.library_constant(ty);
            self.add_value(to, value);
        } else if text.starts_with(char::is_uppercase) {
            self.generate_global_file(at, text, to);
        }
    }

    /// A global that a file of its name defines, as some frameworks have it.
    fn generate_global_file(&mut self, at: ExprRef, name: &str, to: Node) {
        let rules = self.rules;
        for (family, folder, ty) in rules.global_files() {
            if self.uses_family(at.module, family) && self.versions.has_file(at.module, folder, name) {
                let value = self.values.intern(AbstractValue::Api(ApiObject {
                    ty,
                    site: Some(at),
                    origin: None,
                    steps: Box::default(),
                    confidence: Confidence::Typed,
                }));
                self.add_value(to, value);
            }
        }
    }

    fn generate_function(&mut self, module: ModuleId, function: FunctionId) {
        let declaration = self.facts(module).function(function);
        let at = FunctionRef { module, function };
        if function == FunctionId::MODULE {
            return;
        }
        if declaration.is_generator {
            let Some(&first) = declaration.yields.first() else { return };
            let made = self.values.intern(AbstractValue::Collected(ExprRef { module, expr: first }));
            let output = self.return_node(at);
            self.add_value(output, made);
            for &value in &declaration.yields {
                let (from, element) = (self.node(module, value), self.field(made, Atom::ELEMENT));
                self.subset(from, element);
            }
        }
        for &value in &declaration.returns {
            let (from, output) = (self.node(module, value), self.return_node(at));
            self.subset(from, output);
        }
    }

    fn generate_class(&mut self, module: ModuleId, class: ClassId) {
        let declaration = self.facts(module).class(class);
        let at = ClassRef { module, class };
        if let Some(superclass) = declaration.superclass {
            let node = self.node(module, superclass);
            self.add_constraint(node, Constraint::Superclass { class: at });
        }
        let instance = self.values.intern(AbstractValue::Instance(at));
        let constructor = self.values.intern(AbstractValue::Class(at));
        for member in &declaration.members {
            let owner = if member.is_static { constructor } else { instance };
            match member.kind {
                MemberKind::Method(function) | MemberKind::Getter(function) | MemberKind::Setter(function) => {
                    let this = self.this_node(FunctionRef { module, function });
                    self.add_value(this, owner);
                }
                MemberKind::Field(value) => {
                    let Some(name) = member.name else { continue };
                    let field = self.field(owner, self.atom(module, name));
                    if let Some(value) = value {
                        let from = self.node(module, value);
                        self.subset(from, field);
                    }
                }
            }
        }
        if let Some(function) = declaration.constructor {
            let this = self.this_node(FunctionRef { module, function });
            self.add_value(this, instance);
        }
        self.generate_decorators(at, declaration);
        self.generate_injection(module, declaration);
    }

    fn generate_decorators(&mut self, class: ClassRef, declaration: &Class) {
        let module = class.module;
        for &decorator in &declaration.decorators {
            self.add_decoration(module, decorator, Decoration::Class { class });
        }
        let constructor = declaration.constructor.into_iter();
        let methods = declaration.members.iter().filter_map(|member| match member.kind {
            MemberKind::Method(function) => Some(function),
            _ => None,
        });
        for function in constructor.chain(methods) {
            for parameter in &self.facts(module).function(function).parameters {
                for &decorator in &parameter.decorators {
                    let parameter = ExprRef { module, expr: parameter.value };
                    self.add_decoration(module, decorator, Decoration::Parameter { class, parameter });
                }
            }
        }
        for member in &declaration.members {
            for &decorator in &member.decorators {
                let decoration = match member.kind {
                    MemberKind::Method(function) => Decoration::Method { class, function },
                    _ => {
                        let Some(name) = member.name else { continue };
                        let key = self.atom(module, name);
                        Decoration::Property { class, key }
                    }
                };
                self.add_decoration(module, decorator, decoration);
            }
        }
    }

    fn add_decoration(&mut self, module: ModuleId, decorator: ExprId, decoration: Decoration) {
        let index = self.library.decorations.len() as u32;
        self.library.decorations.push((ExprRef { module, expr: decorator }, decoration));
        let node = self.node(module, decorator);
        self.add_constraint(node, Constraint::Decorate { decoration: index });
    }
}
