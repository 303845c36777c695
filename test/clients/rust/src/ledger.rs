//! What the library was seen to do.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::client::Body;
use kube::runtime::watcher::{Error, Event};

/// Counts of requests and changes, and a copy of the objects as the events alone tell them.
#[derive(Default)]
pub struct Ledger {
    pub added: usize,
    pub updated: usize,
    pub deleted: usize,
    pub lists: usize,
    pub watches: usize,
    pub troubles: Vec<String>,
    pub known: BTreeMap<String, ConfigMap>,
    /// Objects of a list that is not complete yet.
    listed: BTreeMap<String, ConfigMap>,
}

impl Ledger {
    pub fn note_request(&mut self, request: &http::Request<Body>) {
        if request.uri().query().unwrap_or("").contains("watch=true") {
            self.watches += 1;
        } else if request.uri().path().ends_with("/configmaps") {
            self.lists += 1;
        }
    }

    pub fn note(&mut self, event: Result<Event<ConfigMap>, Error>) {
        match event {
            Ok(Event::Init) => self.listed.clear(),
            Ok(Event::InitApply(object)) => {
                self.listed.insert(key_of(&object), object);
            }
            Ok(Event::InitDone) => self.replace(),
            Ok(Event::Apply(object)) => match self.known.insert(key_of(&object), object) {
                Some(_) => self.updated += 1,
                None => self.added += 1,
            },
            Ok(Event::Delete(object)) => {
                self.known.remove(&key_of(&object));
                self.deleted += 1;
            }
            Err(error) => self.troubles.push(error.to_string()),
        }
    }

    fn replace(&mut self) {
        let next = std::mem::take(&mut self.listed);
        self.added += next
            .keys()
            .filter(|key| !self.known.contains_key(*key))
            .count();
        self.deleted += self
            .known
            .keys()
            .filter(|key| !next.contains_key(*key))
            .count();
        self.known = next;
    }
}

/// `NAMESPACE/NAME`.
pub fn key_of(object: &ConfigMap) -> String {
    let part = |value: &Option<String>| value.clone().unwrap_or_default();
    format!(
        "{}/{}",
        part(&object.metadata.namespace),
        part(&object.metadata.name)
    )
}
