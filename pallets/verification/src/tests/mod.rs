//! One file a behaviour.

mod carry_over;
mod commitments;
mod try_state;
mod verdicts;

use ogpu_primitives::{Commitment, FinishReason, Subject, WorkKey, H256};

fn subject(n: u8) -> Subject {
    Subject::Work(WorkKey {
        job: H256::repeat_byte(n),
        segment: 0,
        attempt: 0,
    })
}

fn commitment() -> Commitment {
    Commitment {
        root: H256::repeat_byte(2),
        output: H256::repeat_byte(3),
        n_in: 10,
        n_out: 20,
        finish: FinishReason::Stop,
    }
}
