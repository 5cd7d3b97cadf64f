// change.mjs PEER: the steps of one sealed burst (hash, seal with associated data, sign; check; open) by libraries of node, on as many bytes.
import { createRequire } from 'node:module';

const RUNS = 5;
const CHANGES = 500;
const peer = process.argv[2];
const header = new Uint8Array(190).fill(7);
const body = new Uint8Array(128).fill(9);

async function engine() {
  if (peer === 'libsodium-wrappers') {
    // Its module form names a file that the package lacks.
    const sodium = createRequire(import.meta.url)('libsodium-wrappers');
    await sodium.ready;
    const pair = sodium.crypto_sign_keypair();
    const key = sodium.randombytes_buf(32);
    return {
      seal() {
        const nonce = sodium.randombytes_buf(24);
        const text = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(body, header, null, nonce, key);
        const id = sodium.crypto_generichash(32, new Uint8Array([...header, ...text]));
        return { nonce, text, signature: sodium.crypto_sign_detached(id, pair.privateKey) };
      },
      check(change) {
        const id = sodium.crypto_generichash(32, new Uint8Array([...header, ...change.text]));
        return sodium.crypto_sign_verify_detached(change.signature, id, pair.publicKey);
      },
      open: (change) => sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, change.text, header, change.nonce, key),
    };
  }
  const { xchacha20poly1305 } = await import('@noble/ciphers/chacha.js');
  const { ed25519 } = await import('@noble/curves/ed25519.js');
  const { blake2b } = await import('@noble/hashes/blake2.js');
  const secret = ed25519.utils.randomSecretKey();
  const pub = ed25519.getPublicKey(secret);
  const key = crypto.getRandomValues(new Uint8Array(32));
  const hash = (text) => blake2b(new Uint8Array([...header, ...text]), { dkLen: 32 });
  return {
    seal() {
      const nonce = crypto.getRandomValues(new Uint8Array(24));
      const text = xchacha20poly1305(key, nonce, header).encrypt(body);
      return { nonce, text, signature: ed25519.sign(hash(text), secret) };
    },
    check: (change) => ed25519.verify(change.signature, hash(change.text), pub),
    open: (change) => xchacha20poly1305(key, change.nonce, header).decrypt(change.text),
  };
}

function cpu() {
  const used = process.cpuUsage();
  return used.user + used.system;
}

const it = await engine();
const figures = { seal: [], 'parse-and-verify': [], open: [] };
for (let run = 0; run <= RUNS; run++) {
  const changes = [];
  let start = cpu();
  for (let i = 0; i < CHANGES; i++) changes.push(it.seal());
  const seal = (cpu() - start) / CHANGES;
  start = cpu();
  for (const change of changes) if (!it.check(change)) throw new Error('does not verify');
  const check = (cpu() - start) / CHANGES;
  start = cpu();
  for (const change of changes) if (it.open(change).length !== body.length) throw new Error('does not open');
  const open = (cpu() - start) / CHANGES;
  if (run === 0) continue; // the first warms up
  figures.seal.push(seal);
  figures['parse-and-verify'].push(check);
  figures.open.push(open);
}
for (const [name, values] of Object.entries(figures)) {
  const value = values.sort((a, b) => a - b)[values.length >> 1];
  console.log(JSON.stringify({ bench: 'change', case: name, value: Math.round(value * 100) / 100, unit: 'us', peer }));
}
