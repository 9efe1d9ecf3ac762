"""Tests of the statistics: python -m unittest discover scripts/lib, in the environment that scripts/calibrate makes."""

import unittest

import numpy as np

import calibration_fits as fits

PARAMS = {
    "tau_output_milli": 100, "tau_chunk_milli": 200, "step_256": 128, "min_tokens": 32, "honest_rate_ppm": 4000,
    "mean_u_milli": 100, "mean_e2_ppm": 1000, "version": 1, "border_slack_256": 16, "slash_enabled": False,
}

OTHER, SAME = (800, "honest", "library"), (800, "honest", "own")


def audit(margins=(), chunks=((1, 10_000),), n_out=256, prompt=0, ending="AtLimit"):
    shown = {"chunks": [list(chunk) for chunk in chunks], "findings": {"judgement": "Pass"}}
    return fits.Audit({
        "prompt": prompt, "n_in": 10, "n_out": n_out, "ending": ending, "seconds": 1.0,
        "margins": [[at, margin] for at, margin in enumerate(margins)],
        "tallies": [{"u": 0, "x": 0, "b": 0}] * -(-n_out // 32), "evidence": {"own": shown},
    })


class Limits(unittest.TestCase):
    def test_poisson_limit_should_be_the_published_one_when_the_rates_are(self):
        for tokens, k in ((32, 6), (128, 8), (256, 11), (1024, 19)):
            self.assertEqual(fits.poisson_limit(0.004 * tokens), k)
        self.assertEqual(fits.poisson_limit(0.014 * 256), 18)

    def test_clopper_pearson_should_give_the_published_bounds(self):
        low, high = fits.clopper_pearson(0, 299, 0.9)
        self.assertEqual(low, 0)
        self.assertAlmostEqual(high, 0.01, places=4)
        self.assertAlmostEqual(fits.bound_without_failure(299), high, places=9)
        self.assertEqual(fits.clopper_pearson(7, 7)[1], 1)


class Verdicts(unittest.TestCase):
    def test_fails_should_be_false_when_nothing_speaks_against_it(self):
        self.assertFalse(fits.fails(audit(), "own", PARAMS))

    def test_fails_should_be_true_when_the_output_or_one_chunk_lies_too_far(self):
        self.assertTrue(fits.fails(audit(chunks=[(101, 10_000)]), "own", PARAMS))
        near = [(1, 10_000)] * 30
        self.assertTrue(fits.fails(audit(chunks=[*near, (401, 10_000)]), "own", PARAMS))
        self.assertFalse(fits.fails(audit(chunks=[*near, (399, 10_000)]), "own", PARAMS))
        self.assertFalse(fits.fails(audit(chunks=[(101, 10_000)]), None, PARAMS))

    def test_fails_should_be_true_when_x_reaches_its_limit(self):
        above = (128 << 8) + 1
        self.assertFalse(fits.fails(audit([above] * 10), "own", PARAMS))
        self.assertTrue(fits.fails(audit([above] * 11), "own", PARAMS))
        self.assertFalse(fits.fails(audit([above - 1] * 200), "own", PARAMS))
        self.assertFalse(fits.fails(audit([above] * 31, n_out=31), "own", PARAMS))

    def test_fails_should_be_true_when_three_tokens_are_hard_or_the_ending_is_wrong(self):
        self.assertFalse(fits.fails(audit([512 << 8] * 2), "own", PARAMS))
        self.assertTrue(fits.fails(audit([512 << 8] * 3), "own", PARAMS))
        self.assertTrue(fits.fails(audit(ending="Contradicted"), "own", PARAMS))


class Fits(unittest.TestCase):
    def test_tail_should_find_the_shape_when_the_tail_is_exponential(self):
        found = fits.tail(np.random.default_rng(3).exponential(2.0, 20_000))
        self.assertAlmostEqual(found["pareto_shape"], 0, delta=0.08)
        self.assertAlmostEqual(found["exponential_mean"], 2, delta=0.15)
        self.assertIsNone(fits.tail([1.0] * 100))

    def test_cluster_bound_should_be_wider_when_values_of_a_cluster_agree(self):
        random = np.random.default_rng(4)
        per_cluster = random.random(40) < 0.3
        values = np.repeat(per_cluster, 25).astype(float)
        clustered = fits.cluster_bound(values, np.ones(1000), np.repeat(np.arange(40), 25))
        single = fits.cluster_bound(values, np.ones(1000), np.arange(1000))
        self.assertGreater(clustered, single + 0.05)

    def test_propose_should_stay_above_every_honest_value_with_room(self):
        honest = [(audit([600], chunks=[(i, 10_000)] * 8, prompt=i), "own") for i in range(1, 50)]
        cheats = [audit([5000] * 20, prompt=i) for i in range(20)]
        exact = [(audit(chunks=[(0, 10_000)] * 8, prompt=i), "own") for i in range(200)]
        proposal, table, seen = fits.propose(PARAMS, {OTHER: honest, SAME: exact}, {"cheat": cheats})
        self.assertGreaterEqual(proposal["mean_e2_ppm"], 1e6 * np.mean([audit.e("own") ** 2 for audit, _ in honest]))
        self.assertGreaterEqual(proposal["tau_output_milli"], 1000 * 1.8 * seen["e_output"])
        self.assertGreaterEqual(proposal["tau_chunk_milli"], proposal["tau_output_milli"])
        self.assertTrue(all(not fits.fails(audit, shown, proposal) for audit, shown in honest))
        self.assertTrue(all(fits.tokens_fail(cheat, proposal) for cheat in cheats))
        self.assertLess(proposal["step_256"], 5000 / 256)

    def test_score_should_see_a_cheat_and_hold_its_bound_for_honest_work(self):
        random = np.random.default_rng(5)

        def output(prompt, rate, size):
            return audit(random.exponential(size, random.binomial(256, rate)).astype(int) + 1, prompt=prompt)

        honest = [output(prompt, 0.02, 1000) for prompt in range(200)]
        cheats = [output(prompt, 0.08, 6000) for prompt in range(50)]
        weights = fits.score_weights({OTHER: [(one, "own") for one in honest]}, cheats)
        self.assertTrue(all(fits.score(one, [weights]) < np.log(1e7) for one in honest))
        seen = [fits.score(one, [weights, weights]) >= np.log(1e7) for one in cheats]
        self.assertGreater(np.mean(seen), 0.9)
        mean = sum(np.exp(weights) * sum(fits.classes(one) for one in honest)) / (256 * len(honest))
        self.assertLess(mean, 1.0 + 1e-9)

    def test_audits_until_should_be_short_for_a_cheat_and_never_for_honest_work(self):
        params = {**PARAMS, "mean_e2_ppm": 100}
        honest = [audit(chunks=[(0.5, 10_000)])]
        cheat = [audit(chunks=[(8, 10_000)])]
        self.assertIsNone(fits.audits_until(honest, "own", params, 1e6, most=500))
        self.assertLess(fits.audits_until(cheat, "own", params, 1e6), 40)


class Rates(unittest.TestCase):
    exact = [(audit(prompt=prompt), "own") for prompt in range(40)]

    def test_rate_bound_should_be_that_of_all_pairs_that_can_differ_when_nothing_ever_happened(self):
        groups = {SAME: self.exact, OTHER: self.exact, (0, "honest", "library"): self.exact}
        self.assertAlmostEqual(fits.rate_bound(groups, lambda audit: audit.x(1)), 3 / (2 * 40 * 256))

    def test_rate_bound_should_be_that_of_the_noisiest_pair_when_others_are_exact(self):
        noisy = [(audit(margins=[1 << 15] * (prompt % 2), prompt=prompt), "own") for prompt in range(40)]
        groups = {OTHER: self.exact, (0, "honest", "library"): noisy}
        bound = fits.rate_bound(groups, lambda audit: audit.x(1))
        self.assertTrue(0.5 / 256 < bound < 0.75 / 256, bound)


if __name__ == "__main__":
    unittest.main()
