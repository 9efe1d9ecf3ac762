// Helpers for tests that drive a running node with @polkadot/api, without any type of ours.
import assert from "node:assert/strict";
import { ApiPromise, Keyring, WsProvider } from "@polkadot/api";
import { stringToU8a, u8aConcat } from "@polkadot/util";
import { blake2AsHex, cryptoWaitReady, randomAsU8a } from "@polkadot/util-crypto";

export const URL = process.env.OGPU_URL ?? "ws://127.0.0.1:9944";
export const OGPU = 10n ** 18n;
export const TOTAL_SUPPLY = 21_000_000n * OGPU;
/** Runtime names of our pallets as polkadot.js spells them; Dao has no storage. */
export const OUR_PALLETS = ["tokenReserve", "beacon", "providerStaking", "jobMarket", "verification"];

/** Connects, or fails with a cure instead of retrying for ever. */
export async function connect() {
    await cryptoWaitReady();
    const provider = new WsProvider(URL, false);
    let closing = false;
    try {
        await provider.connect();
        const api = new ApiPromise({ provider, noInitWarn: true, throwOnConnect: true });
        await api.isReadyOrError;
        // Else a node that dies leaves every test waiting, and the runner says nothing of why.
        const gone = () => {
            if (closing) return;
            console.error(`the node at ${URL} went away; its log says why`);
            process.exit(1);
        };
        provider.on("disconnected", gone);
        const disconnect = api.disconnect.bind(api);
        api.disconnect = () => {
            closing = true;
            return disconnect();
        };
        return api;
    } catch (error) {
        await provider.disconnect().catch(() => {});
        throw new Error(`no node at ${URL} (${error.message}); start one with scripts/devnet up, or set OGPU_URL`);
    }
}

const keyring = new Keyring({ type: "sr25519", ss58Format: 42 });

/** A well-known development account, for example `dev("//Alice")`. */
export const dev = (uri) => keyring.addFromUri(uri);

/** A new account that holds nothing. */
export const fresh = () => keyring.addFromSeed(randomAsU8a(32));

/** What a dispatch error says: pallet.Name and the doc line that a person reads in polkadot.js apps. */
export function describe(api, error) {
    if (!error.isModule) return error.toString();
    const { section, name, docs } = api.registry.findMetaError(error.asModule);
    return `${section}.${name}: ${docs.join(" ")}`;
}

/**
 * Signs and sends; resolves once the transaction is in a block, with its events and the fee paid.
 * Rejects when the pool refuses it or the call fails.
 */
export function send(tx, signer, until = "isInBlock") {
    return new Promise((resolve, reject) => {
        let stop = () => {};
        const done = (settle, value) => {
            stop();
            settle(value);
        };
        tx.signAndSend(signer, { nonce: -1 }, ({ status, events, dispatchError }) => {
            if (status.isInvalid || status.isDropped || status.isUsurped)
                return done(reject, new Error(`transaction ${status.type.toLowerCase()}`));
            if (!status[until]) return;
            if (dispatchError) return done(reject, new Error(describe(tx, dispatchError)));
            const found = (section, method) => events.find(({ event }) => event.section === section && event.method === method)?.event;
            const paid = found("transactionPayment", "TransactionFeePaid");
            done(resolve, { events, found, fee: paid ? paid.data.actualFee.toBigInt() : 0n, block: status[`as${until.slice(2)}`] });
        }).then((unsubscribe) => (stop = unsubscribe), reject);
    });
}

/** Free balance that may be spent, in planck. */
export async function free(api, address) {
    return (await api.query.system.account(address)).data.free.toBigInt();
}

export async function issuance(api) {
    return (await api.query.balances.totalIssuance()).toBigInt();
}

/** Looks again after every block until `look` answers; fails after `blocks`. */
export async function eventually(api, what, blocks, look) {
    const first = (await api.rpc.chain.getHeader()).number.toNumber();
    for (;;) {
        const answer = await look();
        if (answer) return answer;
        const now = (await api.rpc.chain.getHeader()).number.toNumber();
        assert.ok(now - first <= blocks, `${what}: not within ${blocks} blocks`);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
}

/** H(tag, data) of the chain: BLAKE2b-256 with a 16-byte domain tag. */
export function taggedHash(tag, ...parts) {
    const padded = new Uint8Array(16);
    padded.set(stringToU8a(tag));
    return blake2AsHex(u8aConcat(padded, ...parts), 256);
}

/** H("ogpu/input/v1", salt ‖ SCALE(token ids)). */
export function inputCommitment(api, salt, ids) {
    return taggedHash("ogpu/input/v1", salt, api.createType("Vec<u32>", ids).toU8a());
}

/** H("ogpu/job/v1", genesis ‖ client ‖ nonce). */
export function jobId(api, client, nonce) {
    return taggedHash("ogpu/job/v1", api.genesisHash.toU8a(), client.publicKey, api.createType("u64", nonce).toU8a());
}

/** Every (key, value) pair under a storage entry as the node holds it, page by page. */
export async function rawPairs(api, prefix, at) {
    const pairs = [];
    for (let start; ; start = pairs.at(-1)[0]) {
        const keys = await api.rpc.state.getKeysPaged(prefix, 256, start, at);
        for (const key of keys) {
            pairs.push([key.toHex(), await api.rpc.state.getStorage.raw(key, at)]);
        }
        if (keys.length < 256) return pairs;
    }
}

