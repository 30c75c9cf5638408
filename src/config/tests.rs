//! Settings as users write them.

use super::load::for_tests::{json, toml};
use super::*;

/// The error with its snippet, without colours.
fn shown(result: Result<Config, ConfigError>) -> String {
    let mut text = String::new();
    let handler = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::none());
    handler.render_report(&mut text, &result.unwrap_err()).unwrap();
    text
}

#[test]
fn an_empty_file_is_the_default() {
    let config = toml("").unwrap();
    assert_eq!(config.checks, Checks::default());
    assert_eq!(config.checks.horizontal_scaling_ready.min_shared_types, 2);
    assert_eq!(config.single_instance, None);
}

#[test]
fn every_setting_is_read() {
    let config = toml(
        "rules = [\"lint/rules\"]\n[checks.pubsub-cross-instance]\nrequire = \"any-integration\"\n\
         [checks.horizontal-scaling-ready]\nrequire = \"all\"\nmin-shared-types = 3\nadapter-rooms = \"in-process\"\n\
         [deployment]\ninstances = \"single\"\nreason = \"A kiosk.\"\n",
    )
    .unwrap();
    assert_eq!(config.checks.pubsub_cross_instance.require, PathRequirement::AnyIntegration);
    let scaling = config.checks.horizontal_scaling_ready;
    assert_eq!(scaling.require, StateRequirement::All);
    assert_eq!(scaling.min_shared_types, 3);
    assert_eq!(scaling.adapter_rooms, AdapterRooms::InProcess);
    assert_eq!(config.rules, [Utf8PathBuf::from("/root/lint/rules")]);
    let declared = config.single_instance.unwrap();
    assert_eq!(declared.reason, "A kiosk.");
    assert_eq!((declared.location.line, declared.location.column, declared.location.end_column), (8, 1, 13));
}

#[test]
fn package_json_holds_the_same_keys() {
    let text = "{\n  \"name\": \"x\",\n  \"crosscast\": {\n    \"deployment\": { \"instances\": \"single\", \"reason\": \"Kiosk.\" }\n  }\n}";
    let declared = json(text).unwrap().single_instance.unwrap();
    assert_eq!((declared.location.file.as_str(), declared.location.line), ("package.json", 4));
    assert_eq!(json("{ \"name\": \"x\" }").unwrap().single_instance, None);
    assert_eq!(json("{ broken").unwrap().single_instance, None);
}

#[test]
fn mistakes_are_shown_where_they_stand() {
    let unknown = shown(toml("[checks.pubsub-cross-instance]\nrequires = \"every-path\"\n"));
    assert!(unknown.contains("unknown key `requires`"), "{unknown}");
    assert!(unknown.contains("crosscast.toml:2:1"), "{unknown}");
    assert!(unknown.contains("did you mean `require`?"), "{unknown}");
    let word = shown(toml("[deployment]\ninstances = \"many\"\nreason = \"x\"\n"));
    assert!(word.contains("unknown word `many`"), "{word}");
    let key = shown(json("{ \"crosscast\": { \"check\": {} } }"));
    assert!(key.contains("unknown key `check`") && key.contains("package.json:1:18"), "{key}");
}

#[test]
fn a_declaration_needs_a_reason() {
    let missing = shown(toml("[deployment]\ninstances = \"single\"\n"));
    assert!(missing.contains("missing field `reason`"), "{missing}");
    let empty = shown(toml("[deployment]\ninstances = \"single\"\nreason = \" \"\n"));
    assert!(empty.contains("needs a `reason`") && empty.contains("crosscast.toml:1:1"), "{empty}");
}

#[test]
fn a_check_can_be_turned_off_or_weighed_anew() {
    let config = toml(
        "[checks.pubsub-cross-instance]\nenabled = false\n[checks.horizontal-scaling-ready]\nseverity = \"high\"\n",
    )
    .unwrap();
    assert!(!config.checks.pubsub_cross_instance.enabled);
    assert_eq!(config.checks.pubsub_cross_instance.severity, Severity::High);
    assert!(config.checks.horizontal_scaling_ready.enabled);
    assert_eq!(config.checks.horizontal_scaling_ready.severity, Severity::High);
}

#[test]
fn wrong_types_and_patterns_are_shown_where_they_stand() {
    let wrong = shown(toml("exclude = [\"a\"]\nmax-file-bytes = \"5 MB\"\n"));
    assert!(wrong.contains("invalid type: string") && wrong.contains("crosscast.toml:2:18"), "{wrong}");
    let zero = shown(toml("max-file-bytes = 0\n"));
    assert!(zero.contains("crosscast.toml:1:18"), "{zero}");
    let pattern = shown(toml("include = [\"a{b\"]\n"));
    assert!(pattern.contains("crosscast.toml:1:12"), "{pattern}");
    let json = shown(json("{\n  \"crosscast\": {\n    \"include\": \"apps\"\n  }\n}"));
    assert!(json.contains("invalid type: string") && json.contains("package.json:3:16"), "{json}");
    let word = shown(super::load::for_tests::json("{ \"crosscast\": { \"exlude\": [] } }"));
    assert!(word.contains("did you mean `exclude`?") && word.contains("package.json:1:18"), "{word}");
}

#[test]
fn the_nearest_settings_upwards_count() {
    let folder = tempfile::tempdir().unwrap();
    let top = camino::Utf8Path::from_path(folder.path()).unwrap();
    let write = |path: &str, text: &str| {
        let path = top.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("crosscast.toml", "rules = [\"outer\"]\n");
    write("repo/.git/HEAD", "");
    write("repo/crosscast.toml", "rules = [\"lint\"]\n[deployment]\ninstances = \"single\"\nreason = \"x\"\n");
    write("repo/apps/chat/package.json", "{ \"name\": \"chat\" }");
    write("repo/apps/game/package.json", "{ \"crosscast\": { \"max-file-bytes\": 10 } }");
    write("plain/.git/HEAD", "");
    write("plain/index.js", "");
    let chat = load(&top.join("repo/apps/chat")).unwrap();
    let top = top.canonicalize_utf8().unwrap();
    assert_eq!(chat.rules, [top.join("repo/lint")]);
    assert_eq!(chat.single_instance.unwrap().location.file, "../../crosscast.toml");
    let game = load(&top.join("repo/apps/game")).unwrap();
    assert_eq!((game.project.max_file_bytes, game.rules.len()), (10, 0));
    assert!(load(&top.join("plain/index.js")).unwrap().rules.is_empty(), "the search ends at a repository's top");
}
