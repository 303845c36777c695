"""Keeps a cache of a namespace's ConfigMaps with the Python client and tells what it holds.

README.md one folder up says how it is talked to.
"""

import argparse
import functools
import json
import sys
import threading

from kubernetes import client, config, watch
from kubernetes.informer import ADDED, DELETED, ERROR, MODIFIED, SharedInformer


class Ledger:
    """What the library was seen to do."""

    def __init__(self):
        self.changes = {"added": 0, "updated": 0, "deleted": 0}
        self.requests = {"list": 0, "watch": 0}
        self.troubles = []

    def counted(self, list_function):
        """The same function; the library reads the signature and the documentation of what it gets."""

        @functools.wraps(list_function)
        def count_and_call(*positional, **named):
            self.requests["watch" if named.get("watch") else "list"] += 1
            return list_function(*positional, **named)

        return count_and_call


class ListWatch:
    """The loop that the library's documentation shows: a list, then a watch from its version."""

    def __init__(self, list_function, namespace, ledger):
        self._list = list_function
        self._namespace = namespace
        self._ledger = ledger
        self._objects = {}
        self.synced = threading.Event()

    def start(self):
        threading.Thread(target=self._run, daemon=True).start()

    def objects(self):
        return list(self._objects.values())

    def _run(self):
        while True:
            try:
                listed = self._list(self._namespace)
                self._replace(listed.items)
                self.synced.set()
                self._watch(listed.metadata.resource_version)
            except Exception as error:
                self._ledger.troubles.append(str(error))

    def _replace(self, items):
        found = {key_of(item): item for item in items}
        self._ledger.changes["added"] += len(found.keys() - self._objects.keys())
        self._ledger.changes["deleted"] += len(self._objects.keys() - found.keys())
        self._objects = found

    def _watch(self, version):
        stream = watch.Watch().stream(self._list, self._namespace, resource_version=version)
        for event in stream:
            item, kind = event["object"], event["type"]
            if kind == "DELETED":
                self._objects.pop(key_of(item), None)
                self._ledger.changes["deleted"] += 1
            elif kind in ("ADDED", "MODIFIED"):
                self._objects[key_of(item)] = item
                self._ledger.changes["added" if kind == "ADDED" else "updated"] += 1


class Informer:
    """The library's own informer."""

    def __init__(self, list_function, namespace, ledger):
        self.synced = threading.Event()
        self._ledger = ledger
        self._informer = SharedInformer(self._noticing_the_first(list_function), namespace=namespace)
        for kind, change in ((ADDED, "added"), (MODIFIED, "updated"), (DELETED, "deleted")):
            self._informer.add_event_handler(kind, functools.partial(self._count, change))
        self._informer.add_event_handler(ERROR, lambda error: ledger.troubles.append(str(error)))

    def start(self):
        self._informer.start()

    def objects(self):
        return self._informer.cache.list()

    def _count(self, change, _):
        self._ledger.changes[change] += 1

    def _noticing_the_first(self, list_function):
        """It has no HasSynced; its first list is in the cache when its first watch begins."""

        @functools.wraps(list_function)
        def notice_and_call(*positional, **named):
            if named.get("watch"):
                self.synced.set()
            return list_function(*positional, **named)

        return notice_and_call


MODES = {"list-watch": ListWatch, "informer": Informer}


def key_of(item):
    return f"{item.metadata.namespace}/{item.metadata.name}"


def facts(items):
    return {
        key_of(item): {
            "uid": item.metadata.uid,
            "resourceVersion": item.metadata.resource_version,
            "labels": item.metadata.labels or {},
            "annotations": item.metadata.annotations or {},
            "data": item.data or {},
        }
        for item in items
    }


def paged(core, namespace, limit):
    items, token = [], None
    while True:
        page = core.list_namespaced_config_map(namespace, limit=limit, _continue=token)
        items += page.items
        token = page.metadata._continue
        if not token:
            return items


def write(core, namespace, name, value):
    item = core.read_namespaced_config_map(name, namespace)
    item.data = {**(item.data or {}), "written": value}
    return core.replace_namespaced_config_map(name, namespace, item)


def answer(command, source, ledger, core, namespace):
    match command["do"]:
        case "cache":
            return {
                "event": "cache",
                "objects": facts(source.objects()),
                "changes": ledger.changes,
                "requests": ledger.requests,
                "troubles": ledger.troubles,
            }
        case "list":
            return {"event": "listed", "objects": facts(paged(core, namespace, command["limit"]))}
        case "write":
            written = write(core, namespace, command["name"], command["value"])
            return {
                "event": "wrote",
                "objects": facts([written]),
                "bodyType": "application/json",
            }
        case other:
            raise ValueError(f"unknown command {other}")


def say(event):
    print(json.dumps(event), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kubeconfig", required=True)
    parser.add_argument("--context", required=True)
    parser.add_argument("--namespace", default="default")
    parser.add_argument("--mode", choices=MODES, required=True)
    settings = parser.parse_args()
    config.load_kube_config(settings.kubeconfig, settings.context)

    core = client.CoreV1Api()
    ledger = Ledger()
    counted = ledger.counted(core.list_namespaced_config_map)
    source = MODES[settings.mode](counted, settings.namespace, ledger)
    source.start()
    source.synced.wait()
    say({"event": "synced"})
    for line in sys.stdin:
        try:
            say(answer(json.loads(line), source, ledger, core, settings.namespace))
        except Exception as error:
            say({"event": "error", "message": f"{type(error).__name__}: {error}"})


main()
