//! Objects whose fields are variables of the program although no code of the program makes them.

use crate::facts::MemberKind;
use crate::flow::{ClassRef, ValueFlow};

/// Whether somebody else can make instances of a class that no code of the program constructs, to call what they can do.
/// What has only fields describes the shape of data, and an abstract class is made by nobody.
pub(super) fn is_for_others(flow: &ValueFlow, class: ClassRef) -> bool {
    let class = flow.facts(class.module).class(class.class);
    let acts = class.members.iter().any(|member| !member.is_static && matches!(member.kind, MemberKind::Method(_)));
    acts && !class.is_abstract
}
