// An era that really pays its validator, without a planck minted: @polkadot/api against a running `dev` node.
//
// Waits for the end of an era, three minutes at most on a fresh chain. Part of scripts/test --full.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connect, dev, eventually, issuance, send, TOTAL_SUPPLY } from "./lib.mjs";

let api;
before(async () => (api = await connect()));
after(async () => api?.disconnect());

/** An era that has ended, whose pay this validator has not claimed. */
async function unpaidEra(validator) {
    const active = (await api.query.staking.activeEra()).unwrap().index.toNumber();
    for (let era = active - 1; era >= Math.max(0, active - 84); era--) {
        const points = (await api.query.staking.erasRewardPoints(era)).individual;
        const worked = [...points.entries()].some(([who, earned]) => who.toString() === validator && earned.toNumber() > 0);
        const budget = await api.query.staking.erasValidatorReward(era);
        const claimed = await api.query.staking.claimedRewards(era, validator);
        if (worked && budget.isSome && claimed.length === 0) return { era, budget: budget.unwrap().toBigInt() };
    }
    return null;
}

test("an era should pay its validator out of the pot when it has ended", { timeout: 300_000 }, async () => {
    const validator = (await api.query.session.validators())[0].toString();
    const { era, budget } = await eventually(api, "an era ends", 120, () => unpaidEra(validator));
    assert.ok(budget > 0n);

    const before = await api.call.tokenReserveApi.supply();
    const { events } = await send(api.tx.staking.payoutStakers(validator, era), dev("//Bob"));
    const after = await api.call.tokenReserveApi.supply();

    const rewarded = events
        .filter(({ event }) => event.section === "staking" && event.method === "Rewarded")
        .reduce((sum, { event }) => sum + event.data.amount.toBigInt(), 0n);
    assert.ok(rewarded > 0n && rewarded <= budget + 1n, `${rewarded} of ${budget} planck`);
    assert.equal(before.stakingPot.toBigInt() - after.stakingPot.toBigInt(), rewarded);
    assert.equal(await issuance(api), TOTAL_SUPPLY);
});
