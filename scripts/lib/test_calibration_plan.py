"""Tests of calibration_plan.py."""

import unittest
from collections import defaultdict

from calibration_plan import SET_SIZE, steps

PROFILES = ["a8", "f16", "bf16"]


def audited(temperatures, audits):
    """The prompts of the test set whose outputs our kernels audit, by (profile, writer, told) and temperature."""
    found = defaultdict(lambda: defaultdict(set))
    for phase, *flags in steps(PROFILES, temperatures, audits, False):
        given = dict(zip(flags[::2], flags[1::2]))
        if phase == "audit" and given["--set"] == "test" and "--auditor" not in given:
            first, count = int(given["--first"]), int(given["--count"])
            prompts = found[given["--profile"], given["--writer"], given.get("--told", "truth")]
            prompts[int(given["--temperature"])] |= {(first + number) % SET_SIZE for number in range(count)}
    return found


class Plan(unittest.TestCase):
    def test_every_cheat_should_meet_300_prompts_when_each_temperature_has_100(self):
        honest_ways = [key for key in audited([800], 100) if key[1].startswith("honest-")]
        found = audited([800, 0, 1000], 100)
        for key, prompts in found.items():
            if key not in honest_ways:
                self.assertGreaterEqual(len(set().union(*prompts.values())), 300, key)
        variants = {key[1:] for key in found}
        self.assertTrue(all((profile, *variant) in found for profile in PROFILES for variant in variants))

    def test_a_prompt_should_be_audited_at_one_temperature_only_when_each_has_100(self):
        for key, prompts in audited([800, 0, 1000], 100).items():
            if key[1:] != ("honest", "truth"):
                total = sum(map(len, prompts.values()))
                self.assertEqual(total, len(set().union(*prompts.values())), key)

    def test_noise_should_not_be_told_wrong_when_decoding_is_greedy(self):
        for (_, _, told), prompts in audited([800, 0, 1000], 16).items():
            if told in ("wrong-seed", "wrong-temperature"):
                self.assertNotIn(0, prompts)


if __name__ == "__main__":
    unittest.main()
