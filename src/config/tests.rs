//! Settings as users write them.

use super::*;

fn toml(text: &str) -> Result<Config, ConfigError> {
    parse_toml(Utf8Path::new("/root"), &ManifestFile { path: FILE_NAME.into(), text: text.to_owned() })
}

fn json(text: &str) -> Result<Config, ConfigError> {
    parse_package_json(Utf8Path::new("/root"), &ManifestFile { path: "package.json".into(), text: text.to_owned() })
}

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
    assert!(unknown.contains("unknown field `requires`, expected `require`"), "{unknown}");
    assert!(unknown.contains("crosscast.toml:2:1"), "{unknown}");
    let word = shown(toml("[deployment]\ninstances = \"many\"\nreason = \"x\"\n"));
    assert!(word.contains("unknown variant `many`"), "{word}");
    let key = shown(json("{ \"crosscast\": { \"check\": {} } }"));
    assert!(key.contains("unknown field `check`") && key.contains("package.json:1:3"), "{key}");
}

#[test]
fn a_declaration_needs_a_reason() {
    let missing = shown(toml("[deployment]\ninstances = \"single\"\n"));
    assert!(missing.contains("missing field `reason`"), "{missing}");
    let empty = shown(toml("[deployment]\ninstances = \"single\"\nreason = \" \"\n"));
    assert!(empty.contains("needs a `reason`") && empty.contains("crosscast.toml:1:1"), "{empty}");
}
