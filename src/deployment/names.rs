//! What names of workloads, images and packages have in common.

use std::collections::BTreeSet;

use super::kinds::KINDS;

/// A name in lower case, without the scope of a package, the registry of an image and its tag.
pub(super) fn plain(name: &str) -> String {
    let name = name.split('@').find(|part| !part.is_empty() && !part.starts_with("sha256")).unwrap_or(name);
    let last = name.rsplit('/').next().unwrap_or(name);
    last.split(':').next().unwrap_or(last).to_lowercase()
}

/// The words of a name: `chatServer-2` is `chat` and `server`.
pub(super) fn words(name: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut word = String::new();
    let mut before_lower = false;
    let name = name.rsplit('/').next().unwrap_or(name);
    let name = name.split([':', '@']).next().unwrap_or(name);
    for character in name.chars().chain(['-']) {
        let breaks = !character.is_alphanumeric() || (character.is_uppercase() && before_lower);
        if breaks {
            let whole = word.trim_matches(|each: char| each.is_ascii_digit()).to_lowercase();
            // `k8s` and `v2` keep their digits within; a number alone is no word.
            if whole.chars().count() > 1 {
                words.insert(whole);
            }
            word.clear();
        }
        if character.is_alphanumeric() {
            word.push(character);
        }
        before_lower = character.is_lowercase();
    }
    words
}

/// The words that tell something.
pub(super) fn telling(words: &BTreeSet<String>) -> BTreeSet<String> {
    words.iter().filter(|word| !KINDS.empty_words.contains(word)).cloned().collect()
}

/// Whether an image is something that other people make.
pub(super) fn is_infrastructure(image: &str) -> bool {
    let name = plain(image);
    KINDS.infrastructure_images.iter().any(|each| {
        name.strip_prefix(each.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_', '.']))
    })
}

/// Whether a word tells of another role than serving clients.
pub(super) fn is_other_role(word: &str) -> bool {
    KINDS.other_roles.iter().any(|each| each == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names() {
        let list = |name: &str| words(name).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(list("ghcr.io/acme/chatServer-2:1.0"), "chat server");
        assert_eq!(list("@acme/real-time_api"), "api real time");
        assert_eq!(list("chat1"), "chat");
        assert_eq!(plain("@acme/Chat"), "chat");
        assert_eq!(plain("registry:5000/acme/chat@sha256:ab"), "chat");
    }

    #[test]
    fn images_of_other_people() {
        assert!(is_infrastructure("redis:7-alpine") && is_infrastructure("bitnami/redis-cluster"));
        assert!(is_infrastructure("docker.io/library/nginx") && !is_infrastructure("acme/natsume"));
        assert!(!is_infrastructure("node:20"));
    }
}
