//! Facts as text, for tests: one line for each fact, expressions written much like the source.
//!
//! `^x` is a global, `f#0` a parameter, `(a | b)` a union, `each(xs)` an element, `key(o)` a key, `fn f` and
//! `class C` values of functions and classes. Lines end with `in f` and the guards around them, innermost first.

use super::*;
use std::fmt::Write;

impl ModuleFacts {
    /// Everything that the file does, in order of the arenas.
    pub(crate) fn dump(&self) -> String {
        let mut lines = Vec::new();
        let mut used = vec![false; self.exprs.len()];
        self.dump_modules(&mut lines);
        for assign in &self.assigns {
            used[assign.value.index()] = true;
            let name = self.name(self.binding(assign.binding).name);
            let word = word(assign.kind);
            let value = self.show(assign.value);
            lines.push(format!("{word} {name} = {value}{}", self.place(assign.function, assign.guard)));
        }
        for store in &self.stores {
            used[store.value.index()] = true;
            let object = store.object.map_or("^".into(), |object| self.show(object));
            let key = match store.key {
                StoreKey::Named(name) => format!(".{}", self.name(name)),
                StoreKey::Computed(key) => format!("[{}]", self.show(key)),
            };
            let (word, value) = (word(store.kind), self.show(store.value));
            lines.push(format!("{word} {object}{key} = {value}{}", self.place(store.function, store.guard)));
        }
        for &deleted in &self.deletes {
            lines.push(format!("delete {}", self.show(deleted)));
        }
        for function in &self.functions {
            for &returned in function.returns.iter().chain(&function.yields) {
                used[returned.index()] = true;
            }
        }
        self.dump_functions(&mut lines);
        self.dump_classes(&mut lines);
        self.dump_types(&mut lines);
        self.dump_rest(&mut lines, used);
        lines.join("\n")
    }

    fn dump_modules(&self, lines: &mut Vec<String>) {
        for import in &self.imports {
            let what = match import.imported {
                ImportedName::Default => "default".into(),
                ImportedName::Namespace => "*".into(),
                ImportedName::Named(name) => self.name(name).to_owned(),
                ImportedName::Equals => "=".into(),
                ImportedName::Nothing => "nothing".into(),
            };
            let local =
                import.binding.map_or(String::new(), |id| format!(" as {}", self.name(self.binding(id).name)));
            let word = if import.type_only { "import type" } else { "import" };
            lines.push(format!("{word} {what}{local} from {:?}", self.name(import.specifier)));
        }
        for export in &self.exports {
            lines.push(match export.kind {
                ExportKind::Binding { name, binding } => {
                    let binding = self.binding(binding);
                    format!("export {:?} {} as {}", binding.kind, self.name(binding.name), self.name(name))
                }
                ExportKind::Value { name, value } => format!("export {} as {}", self.show(value), self.name(name)),
                ExportKind::From { name, imported, specifier } => {
                    let imported = imported.map_or("*", |name| self.name(name));
                    format!("export {imported} as {} from {:?}", self.name(name), self.name(specifier))
                }
                ExportKind::All { specifier } => format!("export * from {:?}", self.name(specifier)),
                ExportKind::Equals { value } => format!("export = {}", self.show(value)),
            });
        }
    }

    fn dump_functions(&self, lines: &mut Vec<String>) {
        for (index, function) in self.functions.iter().enumerate().skip(1) {
            let mut line = format!("{:?} {}(", function.kind, self.function_name(FunctionId(index as u32)));
            for (position, parameter) in function.parameters.iter().enumerate() {
                let rest = if parameter.rest { "..." } else { "" };
                let name = parameter.binding.map_or("_", |id| self.name(self.binding(id).name));
                let ty = parameter.ty.as_ref().map_or(String::new(), |ty| format!(": {}", self.show_type(ty)));
                let at = if position == 0 { "" } else { ", " };
                let _ = write!(line, "{at}{}{rest}{name}{ty}", self.show_decorators(&parameter.decorators));
            }
            line.push(')');
            if let Some(ty) = &function.return_type {
                let _ = write!(line, ": {}", self.show_type(ty));
            }
            for (flag, word) in [
                (function.is_async, " async"),
                (function.is_generator, " generator"),
                (function.is_static, " static"),
                (function.is_synthetic, " synthetic"),
            ] {
                line.push_str(if flag { word } else { "" });
            }
            for (word, values) in [("returns", &function.returns), ("yields", &function.yields)] {
                for &value in values {
                    let guard = self.show_guards(self.expr(value).guard);
                    let _ = write!(line, " {word} {}{guard}", self.show(value));
                }
            }
            let class = function.class.map_or(String::new(), |id| format!(" of {}", self.class_name(id)));
            let place = self.place(function.parent, function.guard);
            lines.push(format!("{line}{class}{place}"));
        }
    }

    fn dump_classes(&self, lines: &mut Vec<String>) {
        for (index, class) in self.classes.iter().enumerate() {
            let mut line = format!(
                "{}class {}",
                self.show_decorators(&class.decorators),
                self.class_name(ClassId(index as u32))
            );
            if class.is_abstract {
                line.insert_str(0, "abstract ");
            }
            if let Some(superclass) = class.superclass {
                let _ = write!(line, " extends {}", self.show(superclass));
            }
            for ty in &class.implements {
                let _ = write!(line, " implements {}", self.show_type(ty));
            }
            line.push_str(" {");
            for member in &class.members {
                let name = member.name.map_or("?", |name| self.name(name));
                let word = if member.is_static { " static" } else { "" };
                let ty = member.ty.as_ref().map_or(String::new(), |ty| format!(": {}", self.show_type(ty)));
                let what = match member.kind {
                    MemberKind::Method(_) => "()".into(),
                    MemberKind::Getter(_) => " get".into(),
                    MemberKind::Setter(_) => " set".into(),
                    MemberKind::Field(Some(value)) => {
                        format!(" = {} in {}", self.show(value), self.function_name(self.expr(value).function))
                    }
                    MemberKind::Field(None) => String::new(),
                };
                let decorators = self.show_decorators(&member.decorators);
                let _ = write!(line, "{word} {decorators}{name}{ty}{what};");
            }
            lines.push(line + " }");
        }
    }

    fn dump_types(&self, lines: &mut Vec<String>) {
        for declaration in &self.types {
            let name = self.name(self.binding(declaration.binding).name);
            let extends: Vec<_> = declaration.extends.iter().map(|ty| self.show_type(ty)).collect();
            let extends =
                if extends.is_empty() { String::new() } else { format!(" extends {}", extends.join(", ")) };
            lines.push(format!("type {name} = {}{extends}", self.show_type(&declaration.ty)));
        }
        for binding in self.bindings.iter().filter(|binding| binding.kind != BindingKind::Parameter) {
            if let Some(ty) = &binding.ty {
                lines.push(format!("{}: {}", self.name(binding.name), self.show_type(ty)));
            }
        }
    }

    /// Expressions that are part of nothing else: expression statements, conditions.
    fn dump_rest(&self, lines: &mut Vec<String>, mut used: Vec<bool>) {
        let parents = self.parents();
        for (index, expr) in self.exprs.iter().enumerate() {
            used[index] |= parents[index].is_some();
            let speaks = matches!(
                expr.kind,
                ExprKind::Call { .. }
                    | ExprKind::New { .. }
                    | ExprKind::Tagged { .. }
                    | ExprKind::Await(_)
                    | ExprKind::Require(_)
                    | ExprKind::ImportCall(_)
                    | ExprKind::Union(_)
                    | ExprKind::Jsx(_)
            );
            if speaks && !used[index] {
                let shown = self.show(ExprId(index as u32));
                lines.push(format!("{shown}{}", self.place(expr.function, expr.guard)));
            }
        }
        if self.use_client {
            lines.push("use client".into());
        }
        for directive in &self.directives {
            lines.push(format!("crosscast-{}", directive.text));
        }
    }

    fn place(&self, function: FunctionId, guard: Option<GuardId>) -> String {
        let function = match function {
            FunctionId::MODULE => String::new(),
            id => format!(" in {}", self.function_name(id)),
        };
        function + &self.show_guards(guard)
    }

    fn show_guards(&self, guard: Option<GuardId>) -> String {
        self.guards(guard).map(|guard| format!(" {}", self.show_guard(guard))).collect()
    }

    fn show_guard(&self, guard: &Guard) -> String {
        match guard.kind {
            GuardKind::If { condition, negated } => {
                format!("[{} {}]", if negated { "unless" } else { "if" }, self.show(condition))
            }
            GuardKind::Case { subject, value } => {
                let value = value.map_or("default".into(), |value| self.show(value));
                format!("[{} is {value}]", self.show(subject))
            }
            GuardKind::ForEach(iterated) => format!("[for {}]", self.show(iterated)),
            GuardKind::While(condition) => {
                format!("[while {}]", condition.map_or("true".into(), |condition| self.show(condition)))
            }
            GuardKind::Catch => "[catch]".into(),
        }
    }

    fn show_decorators(&self, decorators: &[ExprId]) -> String {
        decorators.iter().map(|&decorator| format!("@{} ", self.show(decorator))).collect()
    }

    fn function_name(&self, id: FunctionId) -> String {
        self.function(id).name.map_or_else(|| format!("fn{}", id.0), |name| self.name(name).to_owned())
    }

    fn class_name(&self, id: ClassId) -> String {
        self.class(id).name.map_or_else(|| format!("class{}", id.0), |name| self.name(name).to_owned())
    }

    fn show_args(&self, args: &[Argument]) -> String {
        let show = |arg: &Argument| format!("{}{}", if arg.spread { "..." } else { "" }, self.show(arg.value));
        args.iter().map(show).collect::<Vec<_>>().join(", ")
    }

    /// An expression.
    pub(crate) fn show(&self, id: ExprId) -> String {
        let dot = |optional: bool| if optional { "?." } else { "" };
        match &self.expr(id).kind {
            ExprKind::String(name) => format!("{:?}", self.name(*name)),
            ExprKind::Number(name) => self.name(*name).to_owned(),
            ExprKind::Bool(value) => value.to_string(),
            ExprKind::Nullish => "nullish".into(),
            ExprKind::Template { texts, parts } => format!("`{}`", self.show_pieces(texts, parts)),
            ExprKind::Tagged { tag, texts, parts } => {
                format!("{}`{}`", self.show(*tag), self.show_pieces(texts, parts))
            }
            ExprKind::Binding(binding) => self.name(self.binding(*binding).name).to_owned(),
            ExprKind::Global(name) => format!("^{}", self.name(*name)),
            ExprKind::This => "this".into(),
            ExprKind::Super => "super".into(),
            ExprKind::ModuleExports => "exports".into(),
            ExprKind::Member { object, property, optional } => {
                format!("{}{}{}", self.show(*object), if *optional { "?." } else { "." }, self.name(*property))
            }
            ExprKind::Index { object, index } => format!("{}[{}]", self.show(*object), self.show(*index)),
            ExprKind::Call { callee, args, optional } => {
                format!("{}{}({})", self.show(*callee), dot(*optional), self.show_args(args))
            }
            ExprKind::New { callee, args } => format!("new {}({})", self.show(*callee), self.show_args(args)),
            ExprKind::Require(name) => format!("require({:?})", self.name(*name)),
            ExprKind::ImportCall(name) => format!("import({:?})", self.name(*name)),
            ExprKind::Function(function) => format!("fn {}", self.function_name(*function)),
            ExprKind::Class(class) => format!("class {}", self.class_name(*class)),
            ExprKind::Object(properties) => format!("{{{}}}", self.show_properties(properties)),
            ExprKind::Array(elements) => format!("[{}]", self.show_args(elements)),
            ExprKind::Union(members) => {
                format!("({})", members.iter().map(|&member| self.show(member)).collect::<Vec<_>>().join(" | "))
            }
            ExprKind::Await(value) => format!("await {}", self.show(*value)),
            ExprKind::Yield { value, delegate } => {
                let value = value.map_or(String::new(), |value| self.show(value));
                format!("yield{} {value}", if *delegate { "*" } else { "" })
            }
            ExprKind::Unary { operator, operand } => format!("{} {}", self.name(*operator), self.show(*operand)),
            ExprKind::Binary { operator, left, right } => {
                format!("({} {} {})", self.show(*left), self.name(*operator), self.show(*right))
            }
            ExprKind::Assign { target, value } => {
                let target = target.map_or(String::new(), |target| self.show(target) + " ");
                format!("({target}= {})", self.show(*value))
            }
            ExprKind::Typed { value, ty } => format!("({} as {})", self.show(*value), self.show_type(ty)),
            ExprKind::Parameter { function, index, rest } => {
                format!("{}{}#{index}", if *rest { "..." } else { "" }, self.function_name(*function))
            }
            ExprKind::Arguments => "arguments".into(),
            ExprKind::Caught => "caught".into(),
            ExprKind::ElementOf(iterated) => format!("each({})", self.show(*iterated)),
            ExprKind::KeyOf(object) => format!("key({})", self.show(*object)),
            ExprKind::Jsx(parts) => {
                format!("<{}>", parts.iter().map(|&part| self.show(part)).collect::<Vec<_>>().join(", "))
            }
            ExprKind::Unknown => "?".into(),
        }
    }

    fn show_pieces(&self, texts: &[Name], parts: &[ExprId]) -> String {
        let mut shown = String::new();
        for (index, &text) in texts.iter().enumerate() {
            shown.push_str(self.name(text));
            if let Some(&part) = parts.get(index) {
                let _ = write!(shown, "${{{}}}", self.show(part));
            }
        }
        shown
    }

    fn show_properties(&self, properties: &[Property]) -> String {
        let show = |property: &Property| {
            let value = self.show(property.value);
            match property.key {
                PropertyKey::Named(name) => format!("{}: {value}", self.name(name)),
                PropertyKey::Computed(key) => format!("[{}]: {value}", self.show(key)),
                PropertyKey::Spread => format!("...{value}"),
                PropertyKey::Getter(name) => format!("get {}: {value}", self.name(name)),
                PropertyKey::Setter(name) => format!("set {}: {value}", self.name(name)),
            }
        };
        properties.iter().map(show).collect::<Vec<_>>().join(", ")
    }

    /// A type.
    pub(crate) fn show_type(&self, ty: &TypeExpr) -> String {
        let list = |types: &[TypeExpr]| types.iter().map(|ty| self.show_type(ty)).collect::<Vec<_>>().join(", ");
        let path = |path: &[Name]| path.iter().map(|&name| self.name(name)).collect::<Vec<_>>().join(".");
        let generic = |arguments: &[TypeExpr]| {
            if arguments.is_empty() { String::new() } else { format!("<{}>", list(arguments)) }
        };
        match ty {
            TypeExpr::Named { binding, path: names, arguments } => {
                let sign = if binding.is_some() { "" } else { "^" };
                format!("{sign}{}{}", path(names), generic(arguments))
            }
            TypeExpr::Import { specifier, path: names, arguments } => {
                format!("import({:?}).{}{}", self.name(*specifier), path(names), generic(arguments))
            }
            TypeExpr::Union(members) => {
                members.iter().map(|member| self.show_type(member)).collect::<Vec<_>>().join(" | ")
            }
            TypeExpr::Object(properties) => {
                let show = |(name, ty): &(Name, TypeExpr)| format!("{}: {}", self.name(*name), self.show_type(ty));
                format!("{{{}}}", properties.iter().map(show).collect::<Vec<_>>().join(", "))
            }
            TypeExpr::Array(element) => format!("{}[]", self.show_type(element)),
            TypeExpr::TypeOf(expr) => format!("typeof {}", self.show(*expr)),
            TypeExpr::Function(result) => format!("() => {}", self.show_type(result)),
            TypeExpr::String => "string".into(),
            TypeExpr::Number => "number".into(),
            TypeExpr::Other => "other".into(),
        }
    }
}

fn word(kind: AssignKind) -> &'static str {
    match kind {
        AssignKind::Declare => "declare",
        AssignKind::Assign => "assign",
        AssignKind::Update => "update",
    }
}
