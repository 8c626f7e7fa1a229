// sm-crypto-v2 as one process: lines `OPERATION SIZE MILLISECONDS` are answered by calls per second of CPU time, or `-`.
// Node has no clock of one thread: what its compiler and collector do beside counts too.
import { createInterface } from 'node:readline';
import * as crypto from 'sm-crypto-v2';

const { sm2, sm3, sm4 } = crypto;
const message = new Uint8Array(64);
const pair = sm2.generateKeyPairHex();

function operation(name, size) {
  const data = new Uint8Array(size);
  const key = '0123456789abcdeffedcba9876543210';
  switch (name) {
    case 'sm2_sign':
      return () => sm2.doSignature(message, pair.privateKey, { hash: true, publicKey: pair.publicKey });
    case 'sm2_verify': {
      const signature = sm2.doSignature(message, pair.privateKey, { hash: true, publicKey: pair.publicKey });
      return () => {
        if (!sm2.doVerifySignature(message, signature, pair.publicKey, { hash: true })) throw new Error('does not verify');
      };
    }
    case 'sm2_encrypt':
      return () => sm2.doEncrypt(message, pair.publicKey);
    case 'sm2_decrypt': {
      const sealed = sm2.doEncrypt(message, pair.publicKey);
      return () => sm2.doDecrypt(sealed, pair.privateKey, 1, { output: 'array' });
    }
    case 'sm3':
      return () => sm3(data);
    case 'sm4_ecb':
      return () => sm4.encrypt(data, key, { padding: 'none', output: 'array' });
    case 'sm4_cbc_encrypt':
      return () => sm4.encrypt(data, key, { mode: 'cbc', iv: key, padding: 'none', output: 'array' });
    case 'sm4_gcm':
      return () => sm4.encrypt(data, key, { mode: 'gcm', iv: key.slice(0, 24), output: 'array' });
    default:
      return null;
  }
}

const warm = new Set();

function rate(milliseconds, name, call) {
  // The compiler needs to see an operation for a while.
  if (!warm.has(name)) for (const end = Date.now() + 500; Date.now() < end; ) call();
  warm.add(name);
  call();
  for (let calls = 1; ; calls *= 2) {
    const begin = process.cpuUsage();
    for (let i = 0; i < calls; i++) call();
    const { user, system } = process.cpuUsage(begin);
    const took = (user + system) / 1e6;
    if (took >= milliseconds / 2e3) return calls / took;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [name, size, milliseconds] = line.split(' ');
  const call = operation(name, Number(size));
  console.log(call ? rate(Number(milliseconds), name, call) : '-');
}
