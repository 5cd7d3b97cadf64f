// node text.mjs TRACE_DIR PEER: figures of one peer on automerge-paper, one JSON line each.
// The same work as tests/bench/text_bench.c: one message a keystroke, applied one at a time.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { join } from "node:path";

const RUNS = 5;
const SLOW_MS = 8000; // what takes longer is run once
const LIMIT_MS = 120000; // what takes longer still is given up

const [folder, peer] = process.argv.slice(2);
const trace = JSON.parse(gunzipSync(readFileSync(join(folder, "automerge-paper.json.gz"))));
const edits = trace.txns.flatMap((step) => step.patches);

function* limited(items) {
  const start = cpuMs();
  let n = 0;
  for (const item of items) {
    if (++n % 1000 === 0 && cpuMs() - start > LIMIT_MS) throw new RangeError(`given up after ${n} of ${items.length}`);
    yield item;
  }
}

async function yjs() {
  const Y = await import("yjs");
  const text = (doc) => doc.getText("t");
  return {
    author(send) {
      const doc = new Y.Doc();
      doc.on("update", (update) => send(update));
      const t = text(doc);
      for (const [at, deleted, inserted] of limited(edits)) {
        doc.transact(() => {
          if (deleted) t.delete(at, deleted);
          if (inserted) t.insert(at, inserted);
        });
      }
      return doc;
    },
    receive(messages) {
      const doc = new Y.Doc();
      text(doc);
      for (const message of limited(messages)) Y.applyUpdate(doc, message);
      return doc;
    },
    read: (doc) => text(doc).toString(),
    save: (doc) => Y.encodeStateAsUpdateV2(doc),
    open(bytes) {
      const doc = new Y.Doc();
      Y.applyUpdateV2(doc, bytes);
      return doc;
    },
    edit: (doc) => text(doc).insert(1, "x"),
  };
}

async function automerge() {
  const A = await import("@automerge/automerge");
  return {
    author(send) {
      let doc = A.from({ text: "" }, { actor: "01" });
      send(A.getLastLocalChange(doc));
      for (const [at, deleted, inserted] of limited(edits)) {
        doc = A.change(doc, (d) => A.splice(d, ["text"], at, deleted, inserted));
        send(A.getLastLocalChange(doc));
      }
      return doc;
    },
    receive(messages) {
      let doc = A.init();
      for (const message of limited(messages)) [doc] = A.applyChanges(doc, [message]);
      return doc;
    },
    read: (doc) => doc.text,
    save: (doc) => A.save(doc),
    open: (bytes) => A.load(bytes),
    edit: (doc) => A.change(doc, (d) => A.splice(d, ["text"], 1, 0, "x")),
  };
}

async function loro() {
  const { LoroDoc } = await import("loro-crdt");
  return {
    author(send) {
      const doc = new LoroDoc();
      const text = doc.getText("t");
      let version = doc.version();
      for (const [at, deleted, inserted] of limited(edits)) {
        if (deleted) text.delete(at, deleted);
        if (inserted) text.insert(at, inserted);
        doc.commit();
        send(doc.export({ mode: "update", from: version }));
        version = doc.version();
      }
      return doc;
    },
    receive(messages) {
      const doc = new LoroDoc();
      for (const message of limited(messages)) doc.import(message);
      return doc;
    },
    read: (doc) => doc.getText("t").toString(),
    save: (doc) => doc.export({ mode: "snapshot" }),
    open(bytes) {
      const doc = new LoroDoc();
      doc.import(bytes);
      return doc;
    },
    edit(doc) {
      doc.getText("t").insert(1, "x");
      doc.commit();
    },
  };
}

async function diamond() {
  const { Doc } = await import("diamond-types-node");
  return {
    author(send) {
      const doc = new Doc("author");
      let version = doc.getLocalVersion();
      for (const [at, deleted, inserted] of limited(edits)) {
        if (deleted) doc.del(at, deleted);
        if (inserted) doc.ins(at, inserted);
        send(doc.getPatchSince(version));
        version = doc.getLocalVersion();
      }
      return doc;
    },
    receive(messages) {
      const doc = new Doc("reader");
      for (const message of limited(messages)) doc.mergeBytes(message);
      return doc;
    },
    read: (doc) => doc.get(),
    save: (doc) => doc.toBytes(),
    open(bytes) {
      const doc = new Doc("reader");
      doc.mergeBytes(bytes);
      return doc;
    },
    edit: (doc) => doc.ins(1, "x"),
  };
}

async function jsonJoy() {
  const { Model } = await import("json-joy/lib/json-crdt/index.js");
  const { Patch } = await import("json-joy/lib/json-crdt-patch/index.js");
  return {
    author(send) {
      const model = Model.create(undefined, 123456);
      model.api.set("");
      send(model.api.flush().toBinary());
      const text = model.api.str([]);
      for (const [at, deleted, inserted] of limited(edits)) {
        if (deleted) text.del(at, deleted);
        if (inserted) text.ins(at, inserted);
        send(model.api.flush().toBinary());
      }
      return model;
    },
    receive(messages) {
      const model = Model.create(undefined, 654321);
      for (const message of limited(messages)) model.applyPatch(Patch.fromBinary(message));
      return model;
    },
    read: (model) => model.view(),
    save: (model) => model.toBinary(),
    open: (bytes) => Model.fromBinary(bytes),
    edit: (model) => model.api.str([]).ins(1, "x"),
  };
}

const peers = { yjs, automerge, "loro-crdt": loro, "diamond-types": diamond, "json-joy": jsonJoy };

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

function measure(work) {
  const times = [];
  let result;
  do {
    result?.free?.(); // WebAssembly memory is not collected
    result = undefined;
    const start = cpuMs();
    result = work();
    times.push(cpuMs() - start);
  } while (times.length < RUNS && times[0] < SLOW_MS);
  return { result, ms: median(times), runs: times.length };
}

function print(name, value, unit, runs) {
  const line = { bench: "text", case: `automerge-paper/${name}`, value: Number(value.toPrecision(4)), unit, peer };
  console.log(JSON.stringify(runs ? { ...line, runs } : line));
}

const engine = await peers[peer]();
let messages;
const authored = measure(() => {
  messages = [];
  return engine.author((message) => messages.push(message));
});
if (engine.read(authored.result) !== trace.endContent) throw new Error("the author's text is not the published one");
print("author-and-encode", authored.ms, "ms", authored.runs);
print("bytes-a-keystroke", messages.reduce((sum, message) => sum + message.length, 0) / edits.length, "B");
const saved = engine.save(authored.result);
print("saved-size", saved.length, "B");
authored.result.free?.();
authored.result = undefined;
const opened = measure(() => {
  const doc = engine.open(saved);
  engine.read(doc);
  return doc;
});
print("open-to-text", opened.ms, "ms", opened.runs);
const edited = measure(() => {
  const doc = engine.open(saved);
  engine.edit(doc);
  return doc;
});
print("load-and-first-edit", edited.ms, "ms", edited.runs);
const received = measure(() => engine.receive(messages));
if (engine.read(received.result) !== trace.endContent) throw new Error("the reader's text is not the published one");
print("apply-remotely", received.ms, "ms", received.runs);
