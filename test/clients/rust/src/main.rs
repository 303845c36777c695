//! Keeps a cache of a namespace's ConfigMaps with kube's runtime and tells what it holds.
//! README.md two folders up says how it is talked to.

mod ledger;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures::StreamExt;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Api, ListParams, PostParams};
use kube::client::{Body, ClientBuilder};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::runtime::{WatchStreamExt, reflector, watcher};
use kube::{Client, Config};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tower::util::MapRequestLayer;

use ledger::{Ledger, key_of};

type Problem = Box<dyn std::error::Error>;
type SharedLedger = Arc<Mutex<Ledger>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Problem> {
    let settings = read_settings()?;
    let ledger = SharedLedger::default();
    let client = connect(&settings, ledger.clone()).await?;
    let api: Api<ConfigMap> = Api::namespaced(client, &settings["namespace"]);
    let program = start(api, &settings["mode"], ledger).await?;
    say(&json!({"event": "synced"}));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let answer = program.answer(&serde_json::from_str(&line)?).await;
        say(&answer.unwrap_or_else(|error| json!({"event": "error", "message": error.to_string()})));
    }
    Ok(())
}

/// `--name value` pairs by name.
fn read_settings() -> Result<BTreeMap<String, String>, Problem> {
    let mut settings = BTreeMap::from([("namespace".to_owned(), "default".to_owned())]);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let name = word
            .strip_prefix("--")
            .ok_or("only --name value pairs are understood")?;
        settings.insert(name.to_owned(), words.next().ok_or("a value is missing")?);
    }
    for name in ["kubeconfig", "context", "mode"] {
        settings
            .get(name)
            .ok_or_else(|| format!("--{name} is missing"))?;
    }
    Ok(settings)
}

async fn connect(
    settings: &BTreeMap<String, String>,
    ledger: SharedLedger,
) -> Result<Client, Problem> {
    let options = KubeConfigOptions {
        context: Some(settings["context"].clone()),
        ..KubeConfigOptions::default()
    };
    let kubeconfig = Kubeconfig::read_from(&settings["kubeconfig"])?;
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await?;
    let note = MapRequestLayer::new(move |request: http::Request<Body>| {
        ledger.lock().unwrap().note_request(&request);
        request
    });
    Ok(ClientBuilder::try_from(config)?.with_layer(&note).build())
}

struct Program {
    api: Api<ConfigMap>,
    ledger: SharedLedger,
    /// Present in the modes that read a reflector's store; otherwise the ledger's own copy counts.
    store: Option<reflector::Store<ConfigMap>>,
}

/// Begins to watch, and returns when the first list is complete.
async fn start(api: Api<ConfigMap>, mode: &str, ledger: SharedLedger) -> Result<Program, Problem> {
    let (config, has_store) = match mode {
        "watcher" => (watcher::Config::default(), false),
        "reflector" => (watcher::Config::default(), true),
        "streaming" => (watcher::Config::default().streaming_lists(), true),
        _ => return Err(format!("unknown mode {mode}").into()),
    };
    let (store, writer) = reflector::store();
    let stream = watcher(api.clone(), config).default_backoff();
    let mut events = if has_store {
        stream.reflect(writer).boxed()
    } else {
        stream.boxed()
    };
    let (is_synced, synced) = tokio::sync::oneshot::channel();
    let noted = ledger.clone();
    tokio::spawn(async move {
        let mut is_synced = Some(is_synced);
        while let Some(event) = events.next().await {
            let is_complete = matches!(event, Ok(watcher::Event::InitDone));
            noted.lock().unwrap().note(event);
            if let (true, Some(sender)) = (is_complete, is_synced.take_if(|_| is_complete)) {
                let _ = sender.send(());
            }
        }
    });
    synced.await?;
    Ok(Program {
        api,
        ledger,
        store: has_store.then_some(store),
    })
}

impl Program {
    async fn answer(&self, asked: &Value) -> Result<Value, Problem> {
        match asked["do"].as_str() {
            Some("cache") => Ok(self.cache()),
            Some("list") => {
                self.list(u32::try_from(asked["limit"].as_u64().unwrap_or(500))?)
                    .await
            }
            Some("write") => {
                let text = |name: &str| asked[name].as_str().ok_or(format!("{name} is missing"));
                self.write(text("name")?, text("value")?).await
            }
            _ => Err(format!("unknown command {asked}").into()),
        }
    }

    fn cache(&self) -> Value {
        let ledger = self.ledger.lock().unwrap();
        let objects = match &self.store {
            Some(store) => facts(store.state().iter().map(AsRef::as_ref)),
            None => facts(ledger.known.values()),
        };
        json!({
            "event": "cache",
            "objects": objects,
            "changes": {"added": ledger.added, "updated": ledger.updated, "deleted": ledger.deleted},
            "requests": {"list": ledger.lists, "watch": ledger.watches},
            "troubles": ledger.troubles,
        })
    }

    async fn list(&self, limit: u32) -> Result<Value, Problem> {
        let mut parameters = ListParams::default().limit(limit);
        let mut items = Vec::new();
        loop {
            let page = self.api.list(&parameters).await?;
            items.extend(page.items);
            match page.metadata.continue_ {
                Some(token) if !token.is_empty() => parameters = parameters.continue_token(&token),
                _ => return Ok(json!({"event": "listed", "objects": facts(items.iter())})),
            }
        }
    }

    async fn write(&self, name: &str, value: &str) -> Result<Value, Problem> {
        let mut object = self.api.get(name).await?;
        object
            .data
            .get_or_insert_default()
            .insert("written".to_owned(), value.to_owned());
        let written = self
            .api
            .replace(name, &PostParams::default(), &object)
            .await?;
        let objects = facts([&written].into_iter());
        Ok(json!({"event": "wrote", "objects": objects, "bodyType": "application/json"}))
    }
}

fn facts<'a>(items: impl Iterator<Item = &'a ConfigMap>) -> Value {
    let fact = |item: &ConfigMap| {
        json!({
            "uid": item.metadata.uid,
            "resourceVersion": item.metadata.resource_version,
            "labels": item.metadata.labels.clone().unwrap_or_default(),
            "annotations": item.metadata.annotations.clone().unwrap_or_default(),
            "data": item.data.clone().unwrap_or_default(),
        })
    };
    items
        .map(|item| (key_of(item), fact(item)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn say(event: &Value) {
    println!("{event}");
}
