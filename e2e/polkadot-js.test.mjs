// A client that nobody here wrote: @polkadot/api 16.5.6 without custom types against a running node.
//
//   OGPU_URL=ws://127.0.0.1:9944 npm test
//
// Needs a `dev` or `local` chain (short referenda, the well-known accounts). It can be run again on the same chain.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { u8aToHex } from "@polkadot/util";
import { randomAsU8a } from "@polkadot/util-crypto";
import {
    connect, dev, eventually, free, fresh, inputCommitment, issuance, jobId, OGPU, OUR_PALLETS, rawPairs, send,
    taggedHash, TOTAL_SUPPLY,
} from "./lib.mjs";

let api;
before(async () => (api = await connect()));
after(async () => api?.disconnect());

test("issuance should be the whole supply when the tests begin", async () => {
    assert.equal(await issuance(api), TOTAL_SUPPLY);
    assert.deepEqual(api.registry.chainDecimals, [18]);
    assert.deepEqual(api.registry.chainTokens, ["OGPU"]);
    assert.equal(api.registry.chainSS58, 42);
});

test("metadata should decode whole when no custom type is given", () => {
    const { lookup } = api.registry;
    for (const { id } of lookup.types) {
        const definition = lookup.getTypeDef(id);
        assert.ok(definition.type, `type ${id} has no definition`);
        // Builds the class, which is where an unknown type is found out.
        assert.ok(api.registry.createClass(lookup.getTypeDef(id).lookupName ?? definition.type), `type ${id}`);
    }
    for (const pallet of OUR_PALLETS) assert.ok(api.query[pallet], `${pallet} is missing`);
    for (const [pallet, section] of [["TokenReserve", 10], ["Beacon", 11], ["ProviderStaking", 12], ["JobMarket", 13], ["Verification", 14], ["Dao", 18]]) {
        const found = api.runtimeMetadata.asLatest.pallets.find(({ name }) => name.eq(pallet));
        assert.equal(found?.index.toNumber(), section, `index of ${pallet}`);
    }
    assert.ok(api.registry.signedExtensions.includes("CheckMetadataHash"));
    assert.equal(api.tx.sudo, undefined, "sudo exists in no preset");
});

test("errors, events and constants of ours should explain themselves when polkadot.js shows them", () => {
    for (const pallet of OUR_PALLETS) {
        for (const kind of ["errors", "events", "consts"])
            for (const [name, entry] of Object.entries(api[kind][pallet] ?? {})) {
                const docs = entry.meta.docs.join(" ").trim();
                assert.ok(docs.length > 0, `${kind}.${pallet}.${name} has no documentation`);
            }
        for (const [name, call] of Object.entries(api.tx[pallet] ?? {}))
            assert.ok(call.meta.docs.join("").trim(), `tx.${pallet}.${name} has no documentation`);
    }
});

test("a transfer should move exactly the amount when it is sent", async () => {
    const [alice, someone] = [dev("//Alice"), fresh()];
    const before = await free(api, alice.address);
    const { fee } = await send(api.tx.balances.transferKeepAlive(someone.address, 10n * OGPU), alice);
    assert.equal(await free(api, someone.address), 10n * OGPU);
    assert.equal(await free(api, alice.address), before - 10n * OGPU - fee);
    assert.ok(fee > 0n && fee < OGPU / 1_000n, `a transfer costs ${fee} planck`);
});

test("a block should show its transactions as hex when any client asks for it", async () => {
    const sent = api.tx.system.remark("0x6f677075");
    const { block } = await send(sent, dev("//Alice"));
    // polkadot.js also reads lists of numbers, which subxt and others refuse.
    const raw = await api.rpc.chain.getBlock.raw(block);
    for (const extrinsic of raw.block.extrinsics) assert.match(extrinsic, /^0x/);
    const found = (await api.rpc.chain.getBlock(block)).block.extrinsics.find(({ method }) => method.eq(sent.method));
    assert.equal(found?.signer.toString(), dev("//Alice").address);
});

test("burn should be refused when anyone calls it", async () => {
    await assert.rejects(send(api.tx.balances.burn(OGPU, false), dev("//Alice")), /CallFiltered/);
});

test("a nominator should be bonded when it bonds and nominates", async () => {
    const nominator = fresh();
    await send(api.tx.balances.transferKeepAlive(nominator.address, 2_000n * OGPU), dev("//Alice"));
    await send(api.tx.staking.bond(1_000n * OGPU, "Staked"), nominator);
    const [validator] = await api.query.session.validators();
    await send(api.tx.staking.nominate([validator]), nominator);
    const ledger = (await api.query.staking.ledger(nominator.address)).unwrap();
    assert.equal(ledger.active.toBigInt(), 1_000n * OGPU);
    const nominations = (await api.query.staking.nominators(nominator.address)).unwrap();
    assert.equal(nominations.targets[0].toString(), validator.toString());
});

/** The governed value as it stands: what was set, or nothing while the default holds. */
async function noInputFee() {
    const stored = await api.query.parameters.parameters({ Market: { NoInputFee: null } });
    return stored.isSome ? stored.unwrap().asMarket.asNoInputFee : null;
}

/** An account most of whose balance is locked by a vote; the referendum test makes it. */
let lockedVoter;

const asPlanck = (value) => BigInt(value.toString());

test("a governed parameter should change when a referendum on the parameters track passes", async () => {
    const [alice, voter] = [dev("//Alice"), dev("//Alice//stash")];
    const old = await noInputFee();
    // One planck more each time, so that the test can be run again.
    const wanted = (old ? asPlanck(old) : OGPU / 1_000n) + 1n;
    const call = api.tx.parameters.setParameter({ Market: { NoInputFee: [null, wanted] } });

    await assert.rejects(send(call, alice), /BadOrigin/, "nobody sets a parameter without a vote");

    const bytes = call.method.toHex();
    const hash = call.method.hash.toHex();
    if ((await api.query.preimage.requestStatusFor(hash)).isNone) await send(api.tx.preimage.notePreimage(bytes), alice);
    const proposal = { Lookup: { hash, len: call.method.encodedLength } };
    const submitted = await send(api.tx.referenda.submit({ Dao: "Parameters" }, proposal, { After: 0 }), alice);
    const index = submitted.found("referenda", "Submitted").data[0].toNumber();
    await send(api.tx.referenda.placeDecisionDeposit(index), alice);

    const vote = { Standard: { vote: { aye: true, conviction: "Locked1x" }, balance: 10_000_000n * OGPU } };
    await send(api.tx.convictionVoting.vote(index, vote), voter);
    lockedVoter = fresh();
    await send(api.tx.balances.transferKeepAlive(lockedVoter.address, 1_000n * OGPU), alice);
    const smallVote = { Standard: { vote: { aye: true, conviction: "Locked1x" }, balance: 900n * OGPU } };
    await send(api.tx.convictionVoting.vote(index, smallVote), lockedVoter);
    const ongoing = (await api.query.referenda.referendumInfoFor(index)).unwrap();
    if (ongoing.isOngoing) assert.ok(ongoing.asOngoing.tally.ayes.toBigInt() >= 10_000_000n * OGPU);

    await eventually(api, "the referendum is approved", 60, async () => {
        const info = (await api.query.referenda.referendumInfoFor(index)).unwrap();
        assert.ok(!info.isRejected && !info.isTimedOut && !info.isKilled, `referendum ${info.type}`);
        return info.isApproved;
    });
    await eventually(api, "the parameter is enacted", 20, async () => {
        const value = await noInputFee();
        return value && asPlanck(value) === wanted;
    });
});

test("a governed value out of its bounds should be refused before it is in a block when it is sent", async () => {
    // The bounds are in the value's type: the transaction does not decode, so it never gets into the pool.
    const call = api.tx.parameters.setParameter({ Market: { NoInputFee: [null, 2n * OGPU] } });
    await assert.rejects(send(call, dev("//Alice")), /1002/);
});

/** A model that nobody serves, so that its jobs stay unmatched. */
function someModel(owner) {
    const file = randomAsU8a(32);
    return {
        owner: owner.address,
        name: "e2e/unserved",
        kind: "Generate",
        manifest: [{ name: "model.gguf", blake3: file, sizeBytes: 1_000 }],
        tokenizer: file,
        template: null,
        profile: "A8",
        samplerVersion: 1,
        costs: { inputMilliCu: 135, outputMilliCu: 135 },
        contextTokens: 2_048,
        vramMib: 512,
    };
}

function someRequest(client, model, nonce, maxPrice) {
    return {
        nonce,
        model,
        params: {
            Generate: {
                maxOutputTokens: 16, temperatureMilli: 0, topK: 0, topPPpm: 1_000_000, minPPpm: 0, repetitionPenaltyMilli: 1_000,
                presencePenaltyMilli: 0, frequencyPenaltyMilli: 0, seed: randomAsU8a(32), stopTokens: [],
            },
        },
        inputCommitment: inputCommitment(api, randomAsU8a(32), [1, 2, 3]),
        inputTokens: 3,
        secretHash: null,
        replicaSecretHash: null,
        limits: {
            maxPrice,
            deadlineTicks: 1_000,
            replicas: 1,
            requirements: { minClass: 0, region: null, minReputationPermille: 0, worker: null },
        },
    };
}

test("a job should be escrowed and paid back to the planck when it is submitted and cancelled", async () => {
    const [owner, client] = [fresh(), fresh()];
    for (const account of [owner, client]) await send(api.tx.balances.transferKeepAlive(account.address, 1_000n * OGPU), dev("//Alice"));

    const registration = api.tx.jobMarket.registerModel(someModel(owner));
    // The same bytes that the chain hashes: the call's argument without pallet and call index.
    const model = taggedHash("ogpu/model/v1", registration.method.args[0].toU8a());
    await send(registration, owner);
    const registered = (await api.query.jobMarket.models(model)).unwrap();
    assert.equal(registered.spec.name.toUtf8(), "e2e/unserved");
    await assert.rejects(send(registration, owner), /jobMarket\.ModelExists/);

    const price = OGPU + 1n;
    const id = jobId(api, client, 1);
    const before = await free(api, client.address);
    const submitted = await send(api.tx.jobMarket.submit(someRequest(client, model, 1, price)), client);
    assert.equal(await free(api, client.address), before - price - submitted.fee);
    const job = (await api.query.jobMarket.jobs(id)).unwrap();
    assert.equal(job.client.toString(), client.address);
    assert.ok(job.state.isOpen || job.state.isParked);

    const held = (await api.call.jobMarketApi.ledger(id)).unwrap();
    assert.equal(held.escrowed.toBigInt(), price);
    assert.equal(held.held.toBigInt(), price);
    const history = await api.call.jobMarketApi.history(id);
    assert.ok(history[0][1].isSubmitted);

    await assert.rejects(send(api.tx.jobMarket.submit(someRequest(client, model, 1, price)), client), /jobMarket\.NonceUsed/);
    await assert.rejects(send(api.tx.jobMarket.submit(someRequest(client, randomAsU8a(32), 2, price)), client), /jobMarket\.UnknownModel/);
    await assert.rejects(send(api.tx.jobMarket.submit(someRequest(client, model, 2, 0n)), client), /jobMarket\.PriceTooLow/);
    await assert.rejects(send(api.tx.jobMarket.submit(someRequest(client, model, 2, 5_000n * OGPU)), client), /jobMarket\.InsufficientBalance/);
    await assert.rejects(send(api.tx.jobMarket.cancel(id), owner), /jobMarket\.NotYourJob/);
    if (lockedVoter) await assert.rejects(send(api.tx.jobMarket.submit(someRequest(lockedVoter, model, 1, 500n * OGPU)), lockedVoter), /jobMarket\.BalanceLocked/);

    const beforeCancel = await free(api, client.address);
    const cancelled = await send(api.tx.jobMarket.cancel(id), client);
    assert.equal(await free(api, client.address), beforeCancel + price - cancelled.fee);
    const ledger = (await api.call.jobMarketApi.ledger(id)).unwrap();
    assert.equal(ledger.held.toBigInt(), 0n);
    assert.equal(ledger.refunded.toBigInt(), price);
    assert.ok((await api.query.jobMarket.jobs(id)).unwrap().state.isCancelled);
});

test("stake should be held and given back by chunks when an owner stakes and unstakes", async () => {
    const owner = fresh();
    await send(api.tx.balances.transferKeepAlive(owner.address, 200n * OGPU), dev("//Alice"));
    await send(api.tx.providerStaking.stake(100n * OGPU), owner);
    assert.equal((await api.query.providerStaking.owners(owner.address)).unwrap().stake.toBigInt(), 100n * OGPU);
    await send(api.tx.providerStaking.unstake(40n * OGPU), owner);
    const record = (await api.query.providerStaking.owners(owner.address)).unwrap();
    assert.equal(record.stake.toBigInt(), 60n * OGPU);
    assert.equal(record.unbonding[0].amount.toBigInt(), 40n * OGPU);
    const holds = await api.query.balances.holds(owner.address);
    assert.equal(holds.find(({ id }) => id.isProviderStaking)?.amount.toBigInt(), 100n * OGPU, "unbonding stake stays held");
});

test("supply view should add up when the runtime is asked", async () => {
    const supply = await api.call.tokenReserveApi.supply();
    assert.equal(supply.total.toBigInt(), TOTAL_SUPPLY);
});

test("every storage item of ours should decode to what the node holds when it is read", async () => {
    // One block for all reads, since the next one changes clock and beacon, and a final one: it holds what was written above.
    const best = (await api.rpc.chain.getHeader()).number.toNumber();
    const at = await eventually(api, "the last block is final", 30, async () => {
        const head = await api.rpc.chain.getFinalizedHead();
        return (await api.rpc.chain.getHeader(head)).number.toNumber() >= best && head;
    });
    const then = await api.at(at);
    const seen = new Map();
    for (const pallet of OUR_PALLETS)
        for (const [name, entry] of Object.entries(then.query[pallet])) {
            if (name === "palletVersion") continue;
            const raw = new Map(await rawPairs(api, entry.keyPrefix(), at));
            const isMap = entry.creator.meta.type.isMap;
            const decoded = isMap ? await entry.entries() : [[{ toHex: () => entry.key() }, await entry()]];
            if (isMap) assert.equal(decoded.length, raw.size, `${pallet}.${name} lists ${decoded.length} of ${raw.size} entries`);
            for (const [key, value] of decoded) {
                const bytes = raw.get(key.toHex());
                // An absent value decodes to the default.
                if (bytes === undefined) continue;
                const inner = value.isSome ? value.unwrap() : value;
                assert.equal(u8aToHex(inner.toU8a()), bytes, `${pallet}.${name} does not encode back to its bytes`);
            }
            seen.set(`${pallet}.${name}`, decoded.length);
        }
    assert.ok(seen.size >= 30, `only ${seen.size} storage items found`);
    // What the tests before this one wrote; without it, nothing would have been decoded here.
    for (const item of ["beacon.accumulators", "jobMarket.models", "jobMarket.jobs", "jobMarket.history", "providerStaking.owners"])
        assert.ok(seen.get(item) > 0, `${item} is empty`);
});

test("issuance should be the whole supply when the tests end", async () => {
    assert.equal(await issuance(api), TOTAL_SUPPLY);
});
