// `ogpu-node session-keys` beside the chain: the call that it prints is accepted as it is.
//
//   OGPU_NODE=path/to/ogpu-node OGPU_URL=… node --test session-keys.test.mjs
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect, dev, fresh, OGPU, send } from "./lib.mjs";

const node = process.env.OGPU_NODE;
const skip = node ? false : "OGPU_NODE names no binary";

let api;
before(async () => node && (api = await connect()));
after(async () => api?.disconnect());

test("session keys should be accepted when the printed call is sent by their account", { skip }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "ogpu-session-keys-"));
    try {
        const [validator, other] = [fresh(), fresh()];
        for (const account of [validator, other]) await send(api.tx.balances.transferKeepAlive(account.address, 10n * OGPU), dev("//Alice"));
        const options = ["session-keys", "--chain", "dev", "--base-path", folder, "--account", validator.address, "--json"];
        const made = JSON.parse(execFileSync(node, options, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
        const call = api.tx(api.createType("Call", made.call));

        await assert.rejects(send(call, other), /session\.InvalidProof/, "the proof binds the keys to one account");
        await send(call, validator);
        assert.equal((await api.query.session.nextKeys(validator.address)).unwrap().toHex(), made.keys);
    } finally {
        rmSync(folder, { recursive: true });
    }
});
