//! The phase `whiten`: mean and deviation of each dimension of the final hidden state, over outputs of the
//! fitting prompts.

use crate::{
    job::{Job, Reader},
    lines::Cell,
    models::{table_file, write_table, Model},
    progress::Clock,
    prompts::Set,
    variants::{Profile, Writer},
};
use anyhow::{anyhow, Result};
use ogpu_primitives::WhiteningTable;
use ogpu_worker::engine::{Batch, Options, Progress, Request};
use std::path::Path;

/// Output tokens of each prompt.
const TOKENS: u32 = 64;

/// Streams of a step.
const BATCH: usize = 8;

/// Makes the table unless it is there; false when the time ran out.
pub fn run(model: &Model, data: &Path, prompts: usize, clock: &mut Clock) -> Result<bool> {
    if table_file(data).is_file() {
        model.table(data)?;
        return Ok(true);
    }
    clock.start(prompts, 0);
    // The most exact arithmetic there is.
    let cell = Cell {
        profile: Profile::F16,
        temperature: 800,
        set: Set::Fit,
        writer: Writer::Honest,
    };
    let engine = model.load(cell.profile.into(), &Options::default())?;
    let reader = Reader::new(&model.folder)?;
    let mut moments = Moments::new(engine.hidden_size()?);
    let numbers: Vec<usize> = (0..prompts).collect();
    for some in numbers.chunks(BATCH) {
        if clock.is_over() {
            return Ok(false);
        }
        let mut batch = Batch::new(&engine);
        for prompt in some {
            let mut job = Job::new(&cell, *prompt, cell.temperature, 0);
            job.params.max_output_tokens = TOKENS;
            let input = reader.input(cell.set, *prompt)?;
            let request = Request::new(&input, &job.params, &job.seed);
            batch.join(&Request {
                keep_hidden: true,
                ..request
            })?;
        }
        while !batch.is_empty() {
            for (_, progress) in batch.step()? {
                match progress {
                    Progress::Token(_) => {}
                    Progress::Failed(error) => return Err(error.into()),
                    Progress::Finished(generation) => {
                        moments.add(&generation.hidden.unwrap_or_default());
                        clock.step();
                    }
                }
            }
        }
    }
    write_table(data, &moments.table()?)?;
    Ok(true)
}

/// Sums over states.
struct Moments {
    count: f64,
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl Moments {
    fn new(dimensions: usize) -> Self {
        Self {
            count: 0.0,
            sums: vec![0.0; dimensions],
            squares: vec![0.0; dimensions],
        }
    }

    fn add(&mut self, states: &[f32]) {
        for state in states.chunks(self.sums.len()) {
            self.count += 1.0;
            for ((value, sum), square) in state.iter().zip(&mut self.sums).zip(&mut self.squares) {
                let value = f64::from(*value);
                *sum += value;
                *square += value * value;
            }
        }
    }

    fn table(&self) -> Result<WhiteningTable> {
        const Q24: f64 = 16_777_216.0;
        let means: Vec<f64> = self.sums.iter().map(|sum| sum / self.count).collect();
        let deviations = self.squares.iter().zip(&means).map(|(square, mean)| {
            let variance = (square / self.count - mean * mean).max(0.0);
            (variance.sqrt() * Q24).round() as u64
        });
        let means_q24: Vec<i64> = means.iter().map(|mean| (mean * Q24).round() as i64).collect();
        WhiteningTable::fit(&means_q24, &deviations.collect::<Vec<_>>())
            .map_err(|error| anyhow!("no table can be made: {error:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ogpu_primitives::float_bits::bf16_from_f32;

    #[test]
    fn table_should_turn_values_into_deviations_when_the_dimensions_differ_widely() {
        let mut moments = Moments::new(2);
        // Means 100 and -1, deviations 8 and 1/4.
        moments.add(&[92.0, -1.25, 108.0, -0.75]);
        let table = moments.table().expect("a table");
        let bits = |value: f32| bf16_from_f32(value.to_bits()).expect("finite");
        let mut white = Vec::new();
        table
            .whiten(&[bits(116.0), bits(-1.5)], &mut white)
            .expect("whitened");
        assert!((white[0] - 2 * 4_096).abs() < 32, "{white:?}");
        assert!((white[1] + 2 * 4_096).abs() < 32, "{white:?}");
    }

    #[test]
    fn table_should_be_refused_when_every_state_is_the_same() {
        let mut moments = Moments::new(1);
        moments.add(&[1.0, 1.0]);
        assert!(moments.table().is_err());
    }
}
