//! Compiled rules of how frameworks wire a program together: decorators, containers of services, and files that are
//! loaded because of where they are.

use super::model::{Callback, Place, TypeId};
use ignore::gitignore::Gitignore;

/// Files that a framework loads because of where they stand in a package.
#[derive(Debug, Clone)]
pub struct ConventionalFiles {
    /// Matches their paths within the package.
    pub paths: Gitignore,
    /// The type that their exports are taken for: assigning to one of its properties has that property's effect.
    pub exports: TypeId,
}

/// What a decorator does.
#[derive(Debug, Clone, Default)]
pub struct Decorator {
    /// A decorated class is a subclass of this type (its overrides are called, its instances have the role).
    pub class: Option<TypeId>,
    /// A decorated property holds a value of this type, whose origin is the class.
    pub property: Vec<TypeId>,
    /// A decorated parameter holds a value of this type, whose origin is the class.
    pub parameter: Vec<TypeId>,
    /// A decorated parameter is not a positional one (`@MessageBody()`): nothing is known of it.
    pub hides_parameter: bool,
    /// A decorated method is called by the library. `Trigger::name` counts the decorator's arguments.
    pub method: Option<Callback>,
    /// A decorated parameter or property holds what the container has under the token that the decorator's n-th
    /// argument is, or, without arguments, under its annotation.
    pub inject: Option<u32>,
    /// A decorated method listens to a process-local event.
    pub listen: Option<DecoratedListener>,
}

/// A method that a decorator registers with a process-local emitter.
#[derive(Debug, Clone)]
pub struct DecoratedListener {
    /// The emitter's type; its values share their listeners.
    pub on: TypeId,
    /// The decorator's argument that names the event; none where there is only one.
    pub event: Option<u32>,
}

/// The keys of an object literal that binds a token of a container.
#[derive(Debug, Clone)]
pub struct ProviderKeys {
    /// The token.
    pub token: String,
    /// What it stands for.
    pub value: Option<String>,
    /// The class whose instance it stands for.
    pub class: Option<String>,
    /// Another token for the same.
    pub existing: Option<String>,
    /// The function that makes it.
    pub factory: Option<String>,
    /// The tokens of the function's arguments, in an array.
    pub inject: Option<String>,
}

/// Something that a container is given under a token.
#[derive(Debug, Clone, PartialEq)]
pub struct Provide {
    /// The token.
    pub token: Place,
    /// What it stands for.
    pub value: Option<Place>,
    /// The class whose instance it stands for.
    pub class: Option<Place>,
    /// Another token for the same.
    pub existing: Option<Place>,
    /// The function that makes it.
    pub factory: Option<Place>,
}
