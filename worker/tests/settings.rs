//! Where each setting comes from: flag, environment, file, default, in this order.
//!
//! A test binary of its own with one test, because the environment belongs to the whole process.

use clap::Parser;
use ogpu_worker::cli::config::{Config, Flags};

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    flags: Flags,
}

/// One setting, said in each way.
struct Setting {
    variable: &'static str,
    flag: &'static [&'static str],
    environment: &'static str,
    file: &'static str,
    shown: fn(&Config) -> String,
    /// As it is shown when flag, environment, file and nobody say it.
    expected: [&'static str; 4],
}

const GENESIS: [&str; 3] = [
    "0x1111111111111111111111111111111111111111111111111111111111111111",
    "0x2222222222222222222222222222222222222222222222222222222222222222",
    "0x3333333333333333333333333333333333333333333333333333333333333333",
];

const SETTINGS: [Setting; 13] = [
    Setting {
        variable: "OGPU_URL",
        flag: &["--url", "ws://flag"],
        environment: "ws://environment",
        file: "url = 'ws://file'",
        shown: |config| config.url.clone(),
        expected: [
            "ws://flag",
            "ws://environment",
            "ws://file",
            "ws://127.0.0.1:9944",
        ],
    },
    Setting {
        variable: "OGPU_GENESIS",
        flag: &["--genesis", GENESIS[0]],
        environment: GENESIS[1],
        file: "genesis = '0x3333333333333333333333333333333333333333333333333333333333333333'",
        shown: |config| config.genesis.map_or("any".into(), |hash| hash[0].to_string()),
        expected: ["17", "34", "51", "any"],
    },
    Setting {
        variable: "OGPU_WORKER_LISTEN",
        flag: &["--listen", "127.0.0.1:1"],
        environment: "127.0.0.1:2,127.0.0.2:2",
        file: "listen = ['127.0.0.1:3']",
        shown: |config| format!("{:?}", config.listen),
        expected: [
            "[127.0.0.1:1]",
            "[127.0.0.1:2, 127.0.0.2:2]",
            "[127.0.0.1:3]",
            "[127.0.0.1:0]",
        ],
    },
    Setting {
        variable: "OGPU_WORKER_ADVERTISE",
        flag: &["--advertise", "127.0.0.1:1"],
        environment: "127.0.0.1:2",
        file: "advertise = ['127.0.0.1:3']",
        shown: |config| format!("{:?}", config.advertise),
        expected: ["[127.0.0.1:1]", "[127.0.0.1:2]", "[127.0.0.1:3]", "[]"],
    },
    Setting {
        variable: "OGPU_WORKER_MODEL_DIRS",
        flag: &["--model-dir", "/flag"],
        environment: "/environment:/more",
        file: "models = [{ dir = '/file' }]",
        shown: |config| {
            let dirs = config.models.iter().map(|model| model.dir.display().to_string());
            dirs.collect::<Vec<_>>().join(" ")
        },
        expected: ["/flag", "/environment /more", "/file", ""],
    },
    Setting {
        variable: "OGPU_WORKER_SLOTS",
        flag: &["--slots", "2"],
        environment: "3",
        file: "slots = 4",
        shown: |config| config.slots.to_string(),
        expected: ["2", "3", "4", "1"],
    },
    Setting {
        variable: "OGPU_WORKER_REGION",
        flag: &["--region", "0"],
        environment: "756",
        file: "region = 276",
        shown: |config| config.region.to_string(),
        expected: ["0", "756", "276", "0"],
    },
    Setting {
        variable: "OGPU_WORKER_THREADS",
        flag: &["--threads", "2"],
        environment: "3",
        file: "threads = 4",
        shown: |config| format!("{:?}", config.threads),
        expected: ["Some(2)", "Some(3)", "Some(4)", "None"],
    },
    Setting {
        variable: "OGPU_WORKER_OFFER_CPU",
        flag: &["--offer-cpu"],
        environment: "0",
        file: "offer_cpu = true",
        shown: |config| config.offer_cpu.to_string(),
        expected: ["true", "false", "true", "false"],
    },
    Setting {
        variable: "OGPU_WORKER_OFFER_CPU",
        flag: &["--offer-cpu=false"],
        environment: "true",
        file: "offer_cpu = false",
        shown: |config| config.offer_cpu.to_string(),
        expected: ["false", "true", "false", "false"],
    },
    Setting {
        variable: "OGPU_WORKER_FETCH_MODELS_FOR_AUDITS",
        flag: &["--fetch-models-for-audits=false"],
        environment: "1",
        file: "fetch_models_for_audits = false",
        shown: |config| config.library.fetch.to_string(),
        expected: ["false", "true", "false", "true"],
    },
    Setting {
        variable: "OGPU_WORKER_AUDIT_MODELS_MAX_BYTES",
        flag: &["--audit-models-max-bytes", "1"],
        environment: "2",
        file: "audit_models_max_bytes = 3",
        shown: |config| config.library.max_bytes.to_string(),
        expected: ["1", "2", "3", "53687091200"],
    },
    Setting {
        variable: "OGPU_WORKER_CPU_MEMORY_PERCENT",
        flag: &["--cpu-memory-percent", "10"],
        environment: "20",
        file: "cpu_memory_percent = 30",
        shown: |config| config.cpu_memory_percent.to_string(),
        expected: ["10", "20", "30", "50"],
    },
];

#[test]
fn setting_should_come_from_flag_then_environment_then_file_when_several_say_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("worker.toml");
    let place = [
        "ogpu-worker".to_owned(),
        format!("--config={}", path.display()),
        format!("--data-dir={}", folder.path().display()),
    ];
    for setting in SETTINGS {
        for other in SETTINGS {
            std::env::remove_var(other.variable);
        }
        let shown = |flag: bool, file: bool| {
            std::fs::write(&path, if file { setting.file } else { "" }).expect("written");
            let flags = setting.flag.iter().filter(|_| flag).map(ToString::to_string);
            let options = Options::try_parse_from(place.iter().cloned().chain(flags)).expect("parsed");
            (setting.shown)(&Config::load(&options.flags).expect("settings"))
        };
        let [by_flag, by_environment, by_file, by_default] = setting.expected;
        assert_eq!(shown(false, false), by_default, "{}", setting.variable);
        assert_eq!(shown(false, true), by_file, "{}", setting.variable);
        assert_eq!(shown(true, true), by_flag, "{}", setting.variable);
        std::env::set_var(setting.variable, setting.environment);
        assert_eq!(shown(false, true), by_environment, "{}", setting.variable);
        assert_eq!(shown(true, true), by_flag, "{}", setting.variable);
    }
}
