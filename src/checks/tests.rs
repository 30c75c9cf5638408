//! Every row of SPEC section 4's tables, on realtime facts written by hand.

use super::*;
use crate::config::{AdapterRooms, PathRequirement, SingleInstance, StateRequirement};
use crate::facts::ModuleFacts;
use crate::flow::Confidence;
use crate::modules::{Module, ModuleId};
use crate::realtime::*;
use crate::rules::Scope;
use crate::source::{FileId, FileRole, Language, PackageId, PackageManifest, SourceFile, Span};

/// A project of two services with one file each, in which every line is ten bytes long.
pub(crate) struct Sample {
    pub(crate) project: Project,
    pub(crate) graph: ModuleGraph,
    pub(crate) realtime: Realtime,
    pub(crate) evidence: Vec<DeploymentEvidence>,
    pub(crate) config: Config,
}

/// The first service, which most tests are about.
pub(crate) const CHAT: ServiceId = ServiceId(0);
/// The second service.
pub(crate) const GAME: ServiceId = ServiceId(1);

impl Sample {
    /// A root with the service `apps/chat`.
    pub(crate) fn chat() -> Self {
        let folder = |name: &str| PackageManifest { folder: format!("apps/{name}").into(), ..Default::default() };
        let file = |path: &str, package| SourceFile {
            path: path.into(),
            language: Language::JavaScript,
            role: FileRole::Source,
            package: Some(PackageId(package)),
            text: "io.send()\n".repeat(40),
            specifiers: Vec::new(),
            in_browser: false,
            lines: Default::default(),
        };
        let project = Project {
            root: "/sample".into(),
            files: vec![file("apps/chat/a.js", 0), file("apps/game/b.js", 1)],
            packages: vec![folder("chat"), folder("game")],
            files_seen: 3,
            ..Default::default()
        };
        let module = |file| Module {
            file: FileId(file),
            facts: ModuleFacts::default().into(),
            resolutions: Default::default(),
        };
        let graph = ModuleGraph { modules: vec![module(0), module(1)] };
        let realtime = Realtime { services: vec![Service { package: Some(PackageId(0)) }], ..Default::default() };
        Sample { project, graph, realtime, evidence: Vec::new(), config: Config::default() }
    }

    /// A root with the services `apps/chat` and `apps/game`.
    pub(crate) fn two_services() -> Self {
        let mut sample = Sample::chat();
        sample.realtime.services.push(Service { package: Some(PackageId(1)) });
        sample
    }

    pub(crate) fn case(&self) -> Case<'_> {
        let Sample { project, graph, realtime, evidence, config } = self;
        Case { project, graph, realtime, evidence, config }
    }

    /// Adds a path on a line of the service's file.
    pub(crate) fn path(mut self, service: ServiceId, line: u32, reach: Reach) -> Self {
        self.realtime.paths.push(path(service, line, reach));
        self
    }

    pub(crate) fn store(mut self, line: u32, state_type: StateType, class: StoreClass) -> Self {
        self.realtime.stores.push(store(CHAT, line, state_type, class));
        self
    }

    pub(crate) fn integration(mut self, kind: Mechanism) -> Self {
        let (backend, package) = (Some("redis".to_owned()), Some("adapter".to_owned()));
        self.realtime.integrations.push(Integration { kind, backend, package, place: at(CHAT, 2), service: CHAT });
        self
    }

    fn declared_single(mut self) -> Self {
        let location = Location { file: "crosscast.toml".into(), line: 1, column: 1, end_line: 1, end_column: 13 };
        self.config.single_instance = Some(SingleInstance { reason: "A kiosk.".to_owned(), location });
        self
    }

    fn replicas(mut self, value: &str) -> Self {
        let location = Location { file: "k8s.yaml".into(), line: 7, column: 3, end_line: 7, end_column: 14 };
        self.evidence.push(DeploymentEvidence {
            location,
            kind: "k8s-replicas".to_owned(),
            value: value.to_owned(),
            several: value != "1",
            workload: None,
            services: vec![CHAT.0 as usize],
        });
        self
    }

    /// The root's verdict as `status reason`.
    #[track_caller]
    fn check(&self, check: Check, expected: &str) -> Verdict {
        let judgement = judge(self.case());
        let verdict = judgement.root.iter().find(|verdict| verdict.check == check).unwrap();
        let found = format!("{:?} {:?}", verdict.status, verdict.reason);
        assert_eq!(found, expected, "{}", verdict.detail);
        verdict.clone()
    }

    #[track_caller]
    fn pubsub(&self, expected: &str) -> Verdict {
        self.check(Check::PubsubCrossInstance, expected)
    }

    #[track_caller]
    fn scaling(&self, expected: &str) -> Verdict {
        self.check(Check::HorizontalScalingReady, expected)
    }
}

/// The code on a line of the service's file.
pub(crate) fn at(service: ServiceId, line: u32) -> Place {
    let start = (line - 1) * 10;
    Place { module: ModuleId(service.0), span: Span { start, end: start + 9 } }
}

pub(crate) fn path(service: ServiceId, line: u32, reach: Reach) -> BroadcastPath {
    BroadcastPath {
        service,
        place: at(service, line),
        transport: "ws".to_owned(),
        operation: "send".to_owned(),
        event: None,
        scope: Scope::All,
        reach,
        mechanism: if reach == Reach::Cluster { Mechanism::Adapter } else { Mechanism::None },
        backend: None,
        local_echo: false,
        condition: None,
        defect: None,
        confidence: Confidence::Certain,
        endpoint: None,
        evidence: Vec::new(),
        triggers: Vec::new(),
        suppressed: None,
    }
}

pub(crate) fn store(service: ServiceId, line: u32, state_type: StateType, class: StoreClass) -> StateStore {
    StateStore {
        service,
        place: at(service, line),
        name: format!("store{line}"),
        container: "Map".to_owned(),
        state_type,
        also_types: Vec::new(),
        class,
        backend: None,
        condition: None,
        covered: false,
        confidence: Confidence::Certain,
        evidence: Vec::new(),
        suppressed: None,
    }
}

use Reach::{Cluster, Host, Process};
use StateType::{ChannelMembership, Connections, MessageHistory, Other, Presence};
use StoreClass::{InProcess, LocalDisk, Shared};

fn path_counts(verdict: &Verdict) -> (usize, usize, usize) {
    match &verdict.counts {
        Counts::Paths(counts) => (counts.in_process, counts.pubsub_backed, counts.suppressed),
        Counts::State(_) => panic!("not of this check"),
    }
}

fn state_counts(verdict: &Verdict) -> (Vec<StateType>, Vec<StateType>) {
    match &verdict.counts {
        Counts::State(counts) => (counts.shared.iter().copied().collect(), counts.sole.iter().copied().collect()),
        Counts::Paths(_) => panic!("not of this check"),
    }
}

#[test]
fn a_root_without_endpoints_skips_both() {
    let mut sample = Sample::chat();
    sample.realtime.services.clear();
    sample.pubsub("Skip NoBroadcast");
    sample.scaling("Skip NoState");
}

#[test]
fn a_service_without_paths_or_state_skips() {
    Sample::chat().pubsub("Skip NoBroadcast");
    Sample::chat().scaling("Skip NoState");
}

#[test]
fn a_declared_single_instance_skips_both() {
    let sample = Sample::chat().path(CHAT, 1, Process).store(2, Presence, InProcess).declared_single();
    let verdict = sample.pubsub("Skip SingleInstance");
    assert_eq!(verdict.detail, "Declared single-instance (crosscast.toml:1): A kiosk.");
    assert_eq!(path_counts(&verdict), (1, 0, 0));
    sample.scaling("Skip SingleInstance");
}

#[test]
fn evidence_contradicts_the_declaration() {
    let sample =
        Sample::chat().path(CHAT, 1, Process).store(2, Presence, InProcess).declared_single().replicas("3");
    let verdict = sample.pubsub("Fail InProcessPaths");
    let end = "The single instance that crosscast.toml:1 declares is contradicted by k8s.yaml:7 (k8s-replicas 3).";
    assert!(verdict.detail.ends_with(end), "{}", verdict.detail);
    sample.scaling("Fail SoleState");
}

#[test]
fn evidence_of_another_service_contradicts_nothing() {
    let mut sample = Sample::two_services().path(CHAT, 1, Process).path(GAME, 1, Process).declared_single();
    sample = sample.replicas("3");
    let judgement = judge(sample.case());
    let statuses: Vec<Status> = judgement.services.iter().map(|verdicts| verdicts[0].status).collect();
    assert_eq!(statuses, [Status::Fail, Status::Skip]);
    sample.evidence[0].services.clear();
    sample.pubsub("Skip SingleInstance");
}

#[test]
fn one_replica_is_neither_declaration_nor_contradiction() {
    Sample::chat().path(CHAT, 1, Process).replicas("1").pubsub("Fail InProcessPaths");
    Sample::chat().path(CHAT, 1, Process).replicas("1").declared_single().pubsub("Skip SingleInstance");
}

#[test]
fn every_path_has_to_be_backed() {
    let backed = Sample::chat().path(CHAT, 1, Cluster).path(CHAT, 2, Cluster);
    let verdict = backed.pubsub("Pass AllPathsBacked");
    assert_eq!(verdict.detail, "2 broadcast paths reach the clients of every instance.");
    assert_eq!(path_counts(&verdict), (0, 2, 0));

    let mixed = backed.path(CHAT, 3, Process).pubsub("Fail InProcessPaths");
    assert_eq!(path_counts(&mixed), (1, 2, 0));
    assert_eq!(mixed.findings, [Item::Path(2)]);
    let detail = "1 of 3 broadcast paths reaches only clients of the instance that runs the call: apps/chat/a.js:3 (to all).";
    assert_eq!(mixed.detail, detail);
}

#[test]
fn reaching_the_host_is_not_enough() {
    let verdict = Sample::chat().path(CHAT, 1, Host).pubsub("Fail InProcessPaths");
    assert!(verdict.detail.contains("apps/chat/a.js:1 (to all, on this host only)"), "{}", verdict.detail);
}

#[test]
fn only_in_process_paths_fail_in_the_words_of_the_criteria() {
    let mut sample = Sample::chat().replicas("2");
    for line in 1..=5 {
        sample = sample.path(CHAT, line, Process);
    }
    let verdict = sample.pubsub("Fail InProcessPaths");
    let expected = "Messages broadcast only to in-process connections. In a multi-instance deployment, users on \
                    different servers would miss messages: apps/chat/a.js:1 (to all), apps/chat/a.js:2 (to all), \
                    apps/chat/a.js:3 (to all) and 2 more. Several instances are deployed: k8s.yaml:7 (k8s-replicas 2).";
    assert_eq!(verdict.detail, expected);
    assert_eq!(verdict.findings.len(), 5);
}

#[test]
fn suppressed_paths_do_not_count() {
    let suppressions =
        [Suppression::LocalFlag, Suppression::Comment("why".to_owned()), Suppression::Fallback("!url".to_owned())];
    for suppression in suppressions {
        let mut sample = Sample::chat().path(CHAT, 1, Process);
        sample.realtime.paths[0].suppressed = Some(suppression);
        let verdict = sample.pubsub("Pass AllPathsSuppressed");
        assert_eq!(path_counts(&verdict), (0, 0, 1));
        sample.path(CHAT, 2, Cluster).pubsub("Pass AllPathsBacked");
    }
}

#[test]
fn the_policy_any_integration_accepts_one_that_crosses() {
    let policy = |mut sample: Sample| {
        sample.config.checks.pubsub_cross_instance.require = PathRequirement::AnyIntegration;
        sample
    };
    let mixed = || Sample::chat().path(CHAT, 1, Process).path(CHAT, 2, Cluster);
    let verdict = policy(mixed().integration(Mechanism::Adapter)).pubsub("Pass AnyIntegration");
    assert_eq!(verdict.warnings, [Item::Path(0)]);
    assert_eq!(verdict.findings, []);
    policy(mixed().integration(Mechanism::Ipc)).pubsub("Fail InProcessPaths");
    policy(mixed()).pubsub("Fail InProcessPaths");
    mixed().integration(Mechanism::Adapter).pubsub("Fail InProcessPaths");
}

#[test]
fn state_of_one_process_fails() {
    let verdict = Sample::chat().store(3, Presence, InProcess).scaling("Fail SoleState");
    assert_eq!(verdict.findings, [Item::Store(0)]);
    let expected = "Presence is held only in process memory (`store3`, apps/chat/a.js:3). A second instance would not see \
                    these users. No state type is shared.";
    assert_eq!(verdict.detail, expected);
    let verdict = Sample::chat().store(3, Presence, LocalDisk).store(4, Other, InProcess).scaling("Fail SoleState");
    let expected = "Presence is held only on the local disk (`store3`, apps/chat/a.js:3). A second instance would not see \
                    these users. Other realtime state is held only in process memory (`store4`, apps/chat/a.js:4). A \
                    second instance would have its own. No state type is shared.";
    assert_eq!(verdict.detail, expected);
}

#[test]
fn two_shared_types_pass_and_the_rest_is_a_warning() {
    let one = Sample::chat().store(1, MessageHistory, Shared).store(2, Presence, InProcess);
    let verdict = one.scaling("Fail SoleState");
    assert_eq!(state_counts(&verdict), (vec![MessageHistory], vec![Presence]));

    let two = one.store(3, ChannelMembership, Shared);
    let verdict = two.scaling("Pass EnoughShared");
    assert_eq!(verdict.findings, []);
    assert_eq!(verdict.warnings, [Item::Store(1)]);
    let stores_of_one_type = Sample::chat().store(1, Presence, Shared).store(2, Presence, Shared);
    stores_of_one_type.store(3, MessageHistory, InProcess).scaling("Fail SoleState");
}

#[test]
fn nothing_sole_passes_with_one_shared_type() {
    Sample::chat().store(1, MessageHistory, Shared).scaling("Pass NothingSole");
}

#[test]
fn connections_never_count() {
    Sample::chat().store(1, Connections, InProcess).scaling("Skip NoState");
    Sample::chat().store(1, Connections, InProcess).store(2, Presence, Shared).scaling("Pass NothingSole");
}

#[test]
fn a_registry_that_is_read_as_presence_is_presence() {
    let mut sample = Sample::chat().store(1, Connections, InProcess);
    sample.realtime.stores[0].also_types.push(Presence);
    let verdict = sample.scaling("Fail SoleState");
    assert_eq!(state_counts(&verdict), (vec![], vec![Presence]));
}

#[test]
fn also_types_do_not_count_as_shared() {
    let mut sample = Sample::chat().store(1, MessageHistory, Shared).store(2, Presence, InProcess);
    sample.realtime.stores[0].also_types.push(ChannelMembership);
    let verdict = sample.scaling("Fail SoleState");
    assert_eq!(state_counts(&verdict).0, [MessageHistory]);
}

#[test]
fn other_state_counts_only_where_it_is_lost() {
    Sample::chat().store(1, Other, Shared).scaling("Skip NoState");
    Sample::chat().store(1, Other, InProcess).scaling("Fail SoleState");
    Sample::chat()
        .store(1, Other, Shared)
        .store(2, Presence, Shared)
        .store(3, Other, InProcess)
        .scaling("Fail SoleState");
}

#[test]
fn a_covered_copy_is_not_sole() {
    let mut sample = Sample::chat().store(1, Presence, Shared).store(2, Presence, InProcess);
    sample.realtime.stores[1].covered = true;
    sample.scaling("Pass NothingSole");
    sample.realtime.stores[1].covered = false;
    sample.scaling("Fail SoleState");
}

#[test]
fn suppressed_stores_do_not_count() {
    let mut sample = Sample::chat().store(1, Presence, InProcess);
    sample.realtime.stores[0].suppressed = Some(Suppression::Comment("why".to_owned()));
    sample.scaling("Skip NoState");
}

#[test]
fn policies_tighten_and_loosen_the_threshold() {
    let sample = || {
        Sample::chat()
            .store(1, MessageHistory, Shared)
            .store(2, ChannelMembership, Shared)
            .store(3, Presence, InProcess)
    };
    let with = |change: fn(&mut crate::config::ScalingPolicy)| {
        let mut sample = sample();
        sample.realtime.stores[1].container = "rooms".to_owned();
        change(&mut sample.config.checks.horizontal_scaling_ready);
        sample
    };
    with(|_| {}).scaling("Pass EnoughShared");
    with(|policy| policy.min_shared_types = 3).scaling("Fail SoleState");
    with(|policy| policy.require = StateRequirement::All).scaling("Fail SoleState");
    let strict = with(|policy| policy.adapter_rooms = AdapterRooms::InProcess).scaling("Fail SoleState");
    assert_eq!(state_counts(&strict), (vec![MessageHistory], vec![Presence, ChannelMembership]));
    with(|policy| policy.min_shared_types = 1).scaling("Pass EnoughShared");
}

#[test]
fn the_worst_service_speaks_for_the_root() {
    let sample = Sample::two_services().path(CHAT, 1, Cluster);
    let skip_and_pass = sample.pubsub("Pass AllPathsBacked");
    let expected = "1 of 2 services pass. apps/chat: 1 broadcast path reaches the clients of every instance.";
    assert_eq!(skip_and_pass.detail, expected);

    let sample = sample.path(GAME, 4, Process);
    let verdict = sample.pubsub("Fail InProcessPaths");
    assert!(verdict.detail.starts_with("1 of 2 services fail. apps/game: Messages"), "{}", verdict.detail);
    assert_eq!(path_counts(&verdict), (1, 1, 0));
    assert_eq!(verdict.findings, [Item::Path(1)]);
    let judgement = judge(sample.case());
    let statuses: Vec<Status> = judgement.services.iter().map(|verdicts| verdicts[0].status).collect();
    assert_eq!(statuses, [Status::Pass, Status::Fail]);
}

#[test]
fn shared_types_of_two_services_do_not_add_up() {
    let mut sample = Sample::two_services().store(1, MessageHistory, Shared).store(2, Presence, InProcess);
    sample.realtime.stores.push(store(GAME, 1, ChannelMembership, Shared));
    let verdict = sample.scaling("Fail SoleState");
    assert_eq!(state_counts(&verdict).0, [MessageHistory, ChannelMembership]);
}

#[test]
fn every_check_has_its_text() {
    let texts = texts().unwrap();
    let sample = Sample::chat();
    let severity = |check| sample.case().severity(check);
    let said: Vec<_> = texts.iter().map(|text| (&*text.name, &*text.id, text.severity == "high")).collect();
    assert_eq!(said, CHECKS.map(|check| (check.name(), check.id(), severity(check) == Severity::High)));
}
