//! Reputation, counted again from the chain's own events.
//!
//! What the chain says of an owner follows from `Slashing.AuditCounted` and `Slashing.AuditFailed` alone, in the
//! arithmetic of [`ogpu_primitives::reputation`]: whoever has all blocks can count it again. How many counted within a
//! day is shown beside it, since the chain bounds that, whoever the clients are.

use crate::{
    chain::{AtBlock, Chain, ChainError, StandingView},
    AccountId,
};
use codec::{Decode, Encode};
use futures::{stream, StreamExt, TryStreamExt};
use ogpu_primitives::{
    reputation::{weight_milli, Standing, DAY_TICKS},
    Balance, JobKind, Tick,
};
use scale_info::TypeInfo;

/// Blocks that are asked for at once.
const AT_ONCE: usize = 16;

/// Fields of `AuditCounted` and of `AuditFailed`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct AuditNews {
    /// Whose reputation.
    pub owner: AccountId,
    /// The worker whose result it was.
    pub worker: AccountId,
    /// Whose job it was.
    pub client: AccountId,
    /// Kind of the job.
    pub kind: JobKind,
    /// What the job paid, in planck.
    pub price: Balance,
    /// What it adds, in 1/1000: of a passed one its weight, less that of the one whose place it takes.
    pub weight_milli: u32,
    /// The reputation after it, in 1/1000.
    pub permille: u16,
}

/// An audit that counts in an owner's standing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CountedAudit {
    /// Number of the block.
    pub block: u64,
    /// Its tick.
    pub tick: Tick,
    /// Whether it was passed.
    pub passed: bool,
    /// What the event says.
    pub news: AuditNews,
}

/// A standing as it was counted again, beside the chain's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recount {
    /// Number of the last final block: both are as of it.
    pub block: u64,
    /// Its tick.
    pub tick: Tick,
    /// Audits that were counted.
    pub audits: usize,
    /// Most passed ones that were counted within one day.
    pub most_a_day: usize,
    /// What they amount to.
    pub counted: Standing,
    /// What the chain says.
    pub chain: StandingView,
}

impl Recount {
    /// Whether both say the same.
    pub fn agrees(&self) -> bool {
        let now = self.counted.decayed(self.tick);
        (now.passed_milli, now.failed_milli) == (self.chain.passed_milli, self.chain.failed_milli)
            && now.permille(self.tick) == self.chain.permille
    }
}

/// Why a standing cannot be counted again.
#[derive(Debug, thiserror::Error)]
pub enum ReputationError {
    /// The chain, or blocks that the node has discarded.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// An event contradicts the ones before it.
    #[error("the audit in block {block} does not follow from what was before it: {detail}; the node's history is not to be trusted, or its runtime counts in another way")]
    Contradiction { block: u64, detail: String },
}

/// Counts one kind of an owner's audits again, in the final blocks from the first to the last. `progress` gets the
/// number of blocks read and of all.
pub async fn recount(
    chain: &Chain,
    owner: &AccountId,
    kind: JobKind,
    mut progress: impl FnMut(u64, u64),
) -> Result<Recount, ReputationError> {
    let last = chain.finalized().await?;
    let block = last.block_number();
    let mut audits = Vec::new();
    let mut blocks = stream::iter(1..=block)
        .map(|number| audits_of(chain, number, owner, kind))
        .buffered(AT_ONCE);
    let mut read = 0;
    while let Some(found) = blocks.try_next().await? {
        audits.extend(found);
        read += 1;
        progress(read, block);
    }
    Ok(Recount {
        block,
        tick: chain.tick(&last).await?,
        audits: audits.len(),
        most_a_day: most_a_day(&audits),
        counted: count(&audits)?,
        chain: chain.standing(&last, owner, kind).await?,
    })
}

/// What audits, oldest first, amount to.
pub fn count(audits: &[CountedAudit]) -> Result<Standing, ReputationError> {
    let mut standing = Standing::default();
    for audit in audits {
        let news = &audit.news;
        let contradiction = |detail: String| ReputationError::Contradiction {
            block: audit.block,
            detail,
        };
        let (weight, added) = (weight_milli(news.price), news.weight_milli);
        // A passed audit may take the place of a lighter one, and adds the difference.
        let follows = match audit.passed {
            true => (1..=weight).contains(&added),
            false => added == weight,
        };
        if !follows {
            return Err(contradiction(format!(
                "it counts {added}/1000, its price makes {weight}/1000"
            )));
        }
        standing = match audit.passed {
            true => standing.pass(audit.tick, added),
            // A failed audit takes what the passed ones have earned.
            false => Standing {
                passed_milli: 0,
                ..standing.fail(audit.tick, added)
            },
        };
        let permille = standing.permille(audit.tick);
        if permille != news.permille {
            return Err(contradiction(format!(
                "it says a reputation of {}/1000, counted again it is {permille}/1000",
                news.permille
            )));
        }
    }
    Ok(standing)
}

/// Most passed audits, of some oldest first, that lie within one day. One in the place of another, which adds less than
/// its weight, is none more.
pub fn most_a_day(audits: &[CountedAudit]) -> usize {
    let ticks: Vec<Tick> = audits
        .iter()
        .filter(|audit| audit.passed && audit.news.weight_milli == weight_milli(audit.news.price))
        .map(|audit| audit.tick)
        .collect();
    let within = |(at, last): (usize, &Tick)| {
        let day = ticks[..=at]
            .iter()
            .rev()
            .take_while(|tick| last.saturating_sub(**tick) < DAY_TICKS);
        day.count()
    };
    ticks.iter().enumerate().map(within).max().unwrap_or(0)
}

async fn audits_of(
    chain: &Chain,
    number: u64,
    owner: &AccountId,
    kind: JobKind,
) -> Result<Vec<CountedAudit>, ChainError> {
    let at = chain.at_number(number).await?;
    let found: Vec<_> = news_in(&at)
        .await?
        .into_iter()
        .filter(|(_, news)| news.owner == *owner && news.kind == kind)
        .collect();
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let tick = chain.tick(&at).await?;
    let audits = found.into_iter().map(|(passed, news)| CountedAudit {
        block: number,
        tick,
        passed,
        news,
    });
    Ok(audits.collect())
}

/// The audits that a block's events tell of, and whether they were passed.
async fn news_in(at: &AtBlock) -> Result<Vec<(bool, AuditNews)>, ChainError> {
    let events = at.events().fetch().await.map_err(ChainError::from_subxt)?;
    let mut news = Vec::new();
    for event in events.iter() {
        let event = event.map_err(ChainError::from_subxt)?;
        let passed = match (event.pallet_name(), event.event_name()) {
            ("Slashing", "AuditCounted") => true,
            ("Slashing", "AuditFailed") => false,
            _ => continue,
        };
        let mut fields = event.field_bytes();
        let decoded = AuditNews::decode(&mut fields)
            .map_err(|error| ChainError::Decode(format!("Slashing.{}: {error}", event.event_name())))?;
        news.push((passed, decoded));
    }
    Ok(news)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ogpu_primitives::{reputation::HALF_LIFE_TICKS, OGPU};

    /// Audits with what the chain would say of each.
    fn audits(steps: &[(Tick, bool, Balance)]) -> Vec<CountedAudit> {
        let mut standing = Standing::default();
        let steps = steps.iter().enumerate().map(|(block, (tick, passed, price))| {
            let weight = weight_milli(*price);
            standing = match passed {
                true => standing.pass(*tick, weight),
                false => {
                    standing.passed_milli = 0;
                    standing.fail(*tick, weight)
                }
            };
            CountedAudit {
                block: block as u64,
                tick: *tick,
                passed: *passed,
                news: AuditNews {
                    owner: AccountId::from([1; 32]),
                    worker: AccountId::from([2; 32]),
                    client: AccountId::from([3; 32]),
                    kind: JobKind::Generate,
                    price: *price,
                    weight_milli: weight,
                    permille: standing.permille(*tick),
                },
            }
        });
        steps.collect()
    }

    #[test]
    fn standing_should_be_counted_again_when_audits_are_passed_and_failed() {
        let counted = count(&audits(&[
            (10, true, OGPU),
            (20, true, OGPU / 1_000_000),
            (30, false, OGPU),
            (40, true, OGPU),
        ]))
        .unwrap();
        // After the failure only the last one is left, a little faded the failure.
        assert_eq!(counted.passed_milli, 1_000);
        assert_eq!(counted.failed_milli, 999);
        assert_eq!(counted.at, 40);
        assert_eq!(count(&[]).unwrap(), Standing::default());
    }

    #[test]
    fn count_should_notice_when_an_audit_is_missing_or_changed() {
        let all = audits(&[(10, true, OGPU), (20, true, OGPU), (30, false, OGPU)]);
        assert!(count(&all).is_ok());
        let mut missing = all.clone();
        missing.remove(0);
        assert!(matches!(
            count(&missing),
            Err(ReputationError::Contradiction { block: 1, .. })
        ));
        let mut dearer = all.clone();
        dearer[2].news.price = 1;
        assert!(matches!(
            count(&dearer),
            Err(ReputationError::Contradiction { block: 2, .. })
        ));
    }

    #[test]
    fn standing_should_be_counted_again_when_an_audit_took_the_place_of_a_lighter_one() {
        let mut all = audits(&[(10, true, 1), (20, true, OGPU)]);
        // 250 of the first are in its place already: 1,000 of 3,000 and no more.
        all[1].news.weight_milli = 750;
        all[1].news.permille = 666;
        let counted = count(&all).unwrap();
        assert_eq!(counted.passed_milli, 999, "a little faded");
        assert_eq!(most_a_day(&all), 1);
        // More than its weight, and nothing, can no audit add; nor can a failed one add less.
        for (passed, weight_milli) in [(true, 1_001), (true, 0), (false, 750)] {
            let mut wrong = all.clone();
            wrong[1].passed = passed;
            wrong[1].news.weight_milli = weight_milli;
            assert!(matches!(
                count(&wrong),
                Err(ReputationError::Contradiction { block: 1, .. })
            ));
        }
    }

    #[test]
    fn most_a_day_should_count_passed_audits_within_any_day() {
        let day = DAY_TICKS;
        let all = audits(&[
            (5, true, OGPU),
            (day - 1, true, OGPU),
            (day + 2, false, OGPU),
            (day + 4, true, OGPU),
            (day + 5, true, OGPU),
            (3 * day, true, OGPU),
        ]);
        assert_eq!(most_a_day(&all), 3);
        assert_eq!(most_a_day(&all[..1]), 1);
        assert_eq!(most_a_day(&[]), 0);
    }

    #[test]
    fn recount_should_agree_only_when_the_chain_says_the_same_at_that_tick() {
        let counted = count(&audits(&[(0, true, OGPU), (0, false, OGPU), (0, true, OGPU)])).unwrap();
        let mut recount = Recount {
            block: 9,
            tick: HALF_LIFE_TICKS,
            audits: 3,
            most_a_day: 2,
            counted,
            chain: StandingView {
                permille: 500,
                passed_milli: 500,
                failed_milli: 500,
                rate_ppm: 0,
                catch_ppm: 0,
                forced: 0,
            },
        };
        assert!(recount.agrees());
        recount.chain.failed_milli += 1;
        assert!(!recount.agrees());
    }
}
