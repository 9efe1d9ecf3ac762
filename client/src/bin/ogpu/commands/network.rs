//! `ogpu network`.

use crate::{context::Context, output};
use ogpu_client::amount;
use serde_json::json;

/// Prints where the chain is, what its market has done and where the supply is.
pub async fn run(context: &Context) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let (best, finalized) = (chain.best().await?, chain.finalized().await?);
    let tick = chain.tick(&best).await?;
    let totals = chain.totals(&best).await?;
    let supply = chain.supply(&best).await?;
    if context.json {
        return output::json(&json!({
            "genesis": format!("{:?}", chain.genesis()),
            "best": best.block_number(),
            "finalized": finalized.block_number(),
            "tick": tick,
            "jobs": {
                "submitted": totals.submitted, "settled": totals.settled, "refunded": totals.refunded,
                "cancelled": totals.cancelled, "expired": totals.expired,
                "volume": totals.volume.to_string(), "fees": totals.fees.to_string(),
            },
            "supply": {
                "total": supply.total.to_string(), "reserve": supply.reserve.to_string(),
                "staking_pot": supply.staking_pot.to_string(), "fee_pot": supply.fee_pot.to_string(),
                "audit_fund": supply.audit_fund.to_string(),
            },
            "unit": "planck",
        }));
    }
    let ogpu = |planck| format!("{} OGPU", amount::format(planck));
    output::line(&output::pairs([
        ("genesis", format!("{:?}", chain.genesis())),
        ("best block", best.block_number().to_string()),
        ("final block", finalized.block_number().to_string()),
        ("tick", tick.to_string()),
        ("jobs submitted", totals.submitted.to_string()),
        ("jobs paid", totals.settled.to_string()),
        ("jobs refunded", (totals.refunded + totals.expired).to_string()),
        ("volume", ogpu(totals.volume)),
        ("protocol fees", ogpu(totals.fees)),
        ("total supply", ogpu(supply.total)),
        ("reserve", ogpu(supply.reserve)),
        ("staking pot", ogpu(supply.staking_pot)),
        ("fee pot", ogpu(supply.fee_pot)),
        ("audit fund", ogpu(supply.audit_fund)),
    ]))
}
