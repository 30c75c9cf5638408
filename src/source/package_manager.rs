//! Which program installs a project's packages.

/// A package manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PackageManager {
    /// npm.
    Npm,
    /// Yarn, of any version.
    Yarn,
    /// pnpm.
    Pnpm,
    /// Bun.
    Bun,
}

impl PackageManager {
    /// The one that the field `packageManager` names: `pnpm@9.1.0` (<https://nodejs.org/api/packages.html#packagemanager>).
    pub(super) fn of_field(text: &str) -> Option<Self> {
        match text.split('@').next().unwrap_or_default().trim() {
            "npm" => Some(PackageManager::Npm),
            "yarn" => Some(PackageManager::Yarn),
            "pnpm" => Some(PackageManager::Pnpm),
            "bun" => Some(PackageManager::Bun),
            _ => None,
        }
    }

    /// The one that writes a lockfile of this name.
    pub(super) fn of_lockfile(name: &str) -> Option<Self> {
        match name {
            "npm-shrinkwrap.json" | "package-lock.json" => Some(PackageManager::Npm),
            "yarn.lock" => Some(PackageManager::Yarn),
            "pnpm-lock.yaml" => Some(PackageManager::Pnpm),
            "bun.lock" => Some(PackageManager::Bun),
            _ => None,
        }
    }

    /// The command that adds packages to the dependencies.
    pub fn install(self, packages: &[&str]) -> String {
        let command = match self {
            PackageManager::Npm => "npm install",
            PackageManager::Yarn => "yarn add",
            PackageManager::Pnpm => "pnpm add",
            PackageManager::Bun => "bun add",
        };
        format!("{command} {}", packages.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn managers_are_known_by_field_and_lockfile() {
        assert_eq!(PackageManager::of_field("pnpm@9.1.0+sha512.1"), Some(PackageManager::Pnpm));
        assert_eq!(PackageManager::of_field("other@1"), None);
        assert_eq!(PackageManager::of_lockfile("yarn.lock"), Some(PackageManager::Yarn));
        assert_eq!(PackageManager::Bun.install(&["a", "b"]), "bun add a b");
    }
}
