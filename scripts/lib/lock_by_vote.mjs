// Locks the balance of a development account in a vote, all but what is to stay free.
//
//   OGPU_URL=ws://127.0.0.1:9944 node scripts/lib/lock_by_vote.mjs //Dave FREE_OGPU
//
// Alice asks for the referendum; it changes nothing, whatever becomes of it.
import { connect, dev, free, OGPU, send } from "../../e2e/lib.mjs";

const [uri, stays] = process.argv.slice(2);
const api = await connect();
const [alice, voter] = [dev("//Alice"), dev(uri)];
const remark = api.tx.system.remark("0x");
const submitted = await send(api.tx.referenda.submit({ system: "Root" }, { Inline: remark.method.toHex() }, { After: 0 }), alice);
const index = submitted.found("referenda", "Submitted").data[0].toNumber();
const balance = (await free(api, voter.address)) - BigInt(stays) * OGPU;
await send(api.tx.convictionVoting.vote(index, { Standard: { vote: { aye: true, conviction: "Locked1x" }, balance } }), voter);
console.log(`${balance}`);
await api.disconnect();
