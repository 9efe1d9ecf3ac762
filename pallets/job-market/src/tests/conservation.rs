//! Random lives of many jobs at planck-odd prices: no planck comes or goes, whatever happens.

use crate::{mock::*, Earnings, Jobs, Report};
use frame_support::traits::{fungible::Inspect, fungible::Mutate, tokens::Preservation};
use ogpu_primitives::{Balance, JobId, JobState, Verdict};
use proptest::prelude::*;

/// Clients, some of which are reaped on the way.
const CLIENTS: [AccountId; 3] = [CLIENT, OTHER, MODEL_OWNER];

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    /// A client submits with this much above the lowest price, these output tokens, this deadline and so many replicas.
    Submit {
        client: usize,
        above: u16,
        tokens: u16,
        deadline: u32,
        replicas: u8,
    },
    /// The worker of a job acknowledges, reports no input, or commits.
    Acknowledge(usize),
    NoInput(usize),
    Commit(usize, u16),
    /// The check of a job goes on, or ends.
    Stage(usize, bool),
    Judge(usize, u8),
    /// Audits become likelier or rarer; clients give their secrets or do not.
    Audits {
        rate: u32,
        second: u32,
        secret_missing: bool,
    },
    /// The most that one owner's stake covers of a job.
    Cap(u64, Balance),
    /// Its client cancels it; somebody pokes it.
    Cancel(usize),
    Poke(usize),
    /// A client sends all it has away; somebody withdraws what is kept.
    Reap(usize),
    Withdraw(AccountId),
    /// Blocks go by, with or without weight for hooks.
    Blocks(u32, bool),
    /// A worker comes, goes, changes its ask, or its hot key runs dry.
    Worker {
        n: u64,
        serving: bool,
        ask: u32,
        gap: Balance,
    },
    /// The index moves.
    Index(Balance),
}

fn step() -> impl Strategy<Value = Step> {
    let any_job = 0usize..12;
    prop_oneof![
        4 => (0usize..3, any::<u16>(), 1u16..200, 30u32..120, 1u8..3).prop_map(
            |(client, above, tokens, deadline, replicas)| Step::Submit { client, above, tokens, deadline, replicas }
        ),
        3 => any_job.clone().prop_map(Step::Acknowledge),
        2 => any_job.clone().prop_map(Step::NoInput),
        8 => (any_job.clone(), any::<u16>()).prop_map(|(job, tokens)| Step::Commit(job, tokens)),
        8 => (any_job.clone(), 0u8..6).prop_map(|(job, verdict)| Step::Judge(job, verdict)),
        2 => (any_job.clone(), any::<bool>()).prop_map(|(job, disputed)| Step::Stage(job, disputed)),
        1 => (prop_oneof![0u32..1_000_000, Just(1_000_000), any::<u32>()], 0u32..1_000_000, any::<bool>())
            .prop_map(|(rate, second, secret_missing)| Step::Audits { rate, second, secret_missing }),
        1 => (0u64..4, prop_oneof![Just(Balance::MAX), 0u128..40_000]).prop_map(|(n, cap)| Step::Cap(n, cap)),
        1 => any_job.clone().prop_map(Step::Cancel),
        1 => any_job.prop_map(Step::Poke),
        1 => (0usize..3).prop_map(Step::Reap),
        1 => prop_oneof![Just(CLIENT), Just(OTHER), Just(MODEL_OWNER), Just(POOR), Just(OWNER)]
            .prop_map(Step::Withdraw),
        6 => (1u32..25, prop::bool::weighted(0.9)).prop_map(|(blocks, weight)| Step::Blocks(blocks, weight)),
        2 => (0u64..4, prop::bool::weighted(0.8), 100u32..2_500, 0u128..400)
            .prop_map(|(n, serving, ask, gap)| Step::Worker { n, serving, ask, gap }),
        1 => (1u128..1_500).prop_map(Step::Index),
    ]
}

fn id_of(n: usize) -> Option<JobId> {
    let mut jobs: Vec<_> = Jobs::<Test>::iter().map(|(id, job)| (job.number, id)).collect();
    jobs.sort();
    (!jobs.is_empty()).then(|| jobs[n % jobs.len()].1)
}

/// Mostly a job in one of these states, so that steps meet jobs which they fit; sometimes any job.
fn id_in(states: &[JobState], n: usize) -> Option<JobId> {
    let fitting: Vec<_> = (0..12)
        .filter_map(id_of)
        .filter(|id| states.contains(&job(id).state))
        .collect();
    if n % 4 == 3 || fitting.is_empty() {
        return id_of(n);
    }
    Some(fitting[n % fitting.len()])
}

/// States in which a check goes on.
const CHECKED: [JobState; 3] = [JobState::Committed, JobState::Auditing, JobState::Disputed];

/// The worker and attempt of the n-th job.
fn report(n: usize, make: impl Fn(JobId, u8) -> Report) {
    let Some(id) = id_in(&[JobState::Assigned, JobState::Acknowledged], n) else {
        return;
    };
    let found = job(&id);
    let Some(assignment) = found.assignment else {
        return;
    };
    let reports = vec![make(id, found.attempt)].try_into().expect("one");
    let _ = JobMarket::report_many(RuntimeOrigin::signed(assignment.worker), reports);
}

fn take(step: Step, nonce: &mut u64) {
    match step {
        Step::Submit {
            client,
            above,
            tokens,
            deadline,
            replicas,
        } => {
            let mut request = request(*nonce);
            if let ogpu_primitives::JobParams::Generate(params) = &mut request.params {
                params.max_output_tokens = tokens.into();
            }
            request.limits.deadline_ticks = deadline;
            request.limits.replicas = replicas;
            let quote = JobMarket::quote(
                &request.model,
                request.input_tokens,
                tokens.into(),
                ogpu_primitives::DeviceClass(0),
            );
            request.limits.max_price = quote.unwrap_or(1) / 10 + Balance::from(above) + 1;
            // A reaped client cannot; that is an outcome like any other.
            if JobMarket::submit(RuntimeOrigin::signed(CLIENTS[client]), request).is_ok() {
                *nonce += 1;
            }
        }
        Step::Acknowledge(n) => report(n, |id, attempt| Report::Acknowledge(work(&id, attempt))),
        Step::NoInput(n) => report(n, |id, attempt| Report::NoInput(work(&id, attempt))),
        Step::Commit(n, tokens) => report(n, |id, attempt| {
            let most = job(&id).request.params.max_output_tokens();
            Report::Commit(work(&id, attempt), commitment(u32::from(tokens) % (most + 1)))
        }),
        Step::Stage(n, disputed) => {
            if let Some(id) = id_in(&CHECKED, n) {
                let next = if disputed {
                    JobState::Disputed
                } else {
                    JobState::Auditing
                };
                stage(&id, job(&id).attempt, next);
            }
        }
        Step::Audits {
            rate,
            second,
            secret_missing,
        } => {
            AuditRate::set(rate);
            SecondRate::set(second);
            SecretMissing::set(secret_missing);
        }
        Step::Cap(n, cap) => {
            let owner = if n == 3 { POOR } else { OWNER + n };
            JobCaps::mutate(|caps| caps.insert(owner, cap));
        }
        Step::Judge(n, judged) => {
            if let Some(id) = id_in(&CHECKED, n) {
                let judged = match judged {
                    0 | 1 => Verdict::Wrong,
                    2 => Verdict::Inconclusive,
                    _ => Verdict::Pass,
                };
                verdict(&id, job(&id).attempt, judged).expect("the sink is open");
            }
        }
        Step::Cancel(n) => {
            if let Some(id) = id_of(n) {
                let _ = JobMarket::cancel(RuntimeOrigin::signed(job(&id).client), id);
            }
        }
        Step::Poke(n) => {
            if let Some(id) = id_of(n) {
                let _ = JobMarket::poke(RuntimeOrigin::signed(POOR), id);
            }
        }
        Step::Reap(n) => {
            let from = CLIENTS[n];
            let amount = Balances::reducible_balance(
                &from,
                Preservation::Expendable,
                frame_support::traits::tokens::Fortitude::Polite,
            );
            let _ = <Balances as Mutate<_>>::transfer(&from, &(OWNER + 2), amount, Preservation::Expendable);
        }
        Step::Withdraw(who) => {
            let _ = JobMarket::withdraw_earnings(RuntimeOrigin::signed(who));
        }
        Step::Blocks(blocks, weight) => {
            let (agenda, matching) = (AgendaShare::get(), MatchShare::get());
            if !weight {
                AgendaShare::set(agenda / 2_000);
                MatchShare::set(matching / 2_000);
            }
            run_blocks(blocks);
            AgendaShare::set(agenda);
            MatchShare::set(matching);
        }
        Step::Worker { n, serving, ask, gap } => {
            // The fourth worker's owner is an account that does not live.
            let owner = if n == 3 { POOR } else { OWNER + n };
            let account = WORKER + n;
            let known = Workers::get().get(&account).cloned();
            let worker = MockWorker {
                owner,
                serving,
                ask_permille: ask,
                ..known.unwrap_or_default()
            };
            add_worker(account, worker);
            FloatGap::mutate(|gaps| gaps.insert(account, gap));
            JobMarket::supply_changed(&request(0).model);
        }
        Step::Index(index) => Index::set(index),
    }
}

/// What the ledgers of all jobs say was moved away adds up to what the accounts got.
fn check_ledgers() {
    for job in Jobs::<Test>::iter_values() {
        assert_eq!(job.ledger.total(), Some(job.ledger.escrowed));
        assert_eq!(job.ledger.held == 0, job.state.is_final());
        if job.state != JobState::Settled {
            let ledger = job.ledger;
            assert_eq!(
                (
                    ledger.validators,
                    ledger.treasury,
                    ledger.audit_fund,
                    ledger.audit_premium
                ),
                (0, 0, 0, 0)
            );
        }
    }
    let sum = |part: fn(&ogpu_primitives::JobLedger) -> Balance| -> Balance {
        Jobs::<Test>::iter_values().map(|job| part(&job.ledger)).sum()
    };
    assert_eq!(balance(FEE_POT) - ED, sum(|ledger| ledger.validators));
    assert_eq!(balance(TREASURY) - ED, sum(|ledger| ledger.treasury));
    assert_eq!(
        balance(AUDIT_FUND) - ED,
        sum(|ledger| ledger.audit_fund + ledger.audit_premium)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, max_shrink_iters: 400, ..Default::default() })]

    #[test]
    fn money_should_be_conserved_when_jobs_live_at_random(steps in prop::collection::vec(step(), 1..90)) {
        ExtBuilder.build().execute_with(|| {
            // Records stay, so that ledgers can be added up at the end.
            PruneTicks::set(1_000_000);
            register();
            let issuance = <Balances as Inspect<_>>::total_issuance();
            let mut nonce = 0;
            // As most clients leave it; later steps change it.
            SecretMissing::set(true);
            for n in 0..3 {
                let worker = MockWorker { owner: OWNER + n, ..Default::default() };
                add_worker(WORKER + n, worker);
            }
            for step in steps {
                take(step, &mut nonce);
                check_state();
                check_ledgers();
                assert_eq!(<Balances as Inspect<_>>::total_issuance(), issuance);
            }
            // In the end every job is final and the pot owes only what is kept.
            run_blocks(400);
            for n in 0..2 * nonce as usize {
                if let Some(id) = id_of(n) {
                    verdict(&id, job(&id).attempt, Verdict::Pass).expect("the sink is open");
                }
            }
            check_state();
            check_ledgers();
            assert!(Jobs::<Test>::iter_values().all(|job| job.state.is_final()));
            let kept: Balance = Earnings::<Test>::iter_values().sum();
            assert_eq!(JobMarket::pot_balance(), ED + kept);
            assert_eq!(<Balances as Inspect<_>>::total_issuance(), issuance);
            prop_assert!(true);
            Ok(())
        })?;
    }
}
