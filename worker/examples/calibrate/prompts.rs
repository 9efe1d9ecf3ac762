//! Two disjoint sets of prompts, the same on every machine: kinds of request × topics.

use clap::ValueEnum;

/// A set; thresholds are fitted on one and reported on the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Set {
    /// For fitting.
    Fit,
    /// For reporting.
    Test,
}

/// Prompts of a set.
pub const COUNT: usize = KINDS.len() * TOPICS_OF_SET;

const TOPICS_OF_SET: usize = TOPICS.len() / 2;

const KINDS: [fn(&str, usize) -> String; 8] = [
    |topic, _| format!("Why do people care about {topic}? Answer in detail, with several examples."),
    |topic, _| format!("Explain {topic} to a curious ten-year-old, step by step and in many words."),
    |topic, i| {
        let language = ["Python", "JavaScript", "Rust", "C"][i % 4];
        format!(
            "Write a short {language} program that stores and prints facts about {topic}. Comment every line, then explain how it works."
        )
    },
    |topic, i| {
        format!(
            "List {} practical tips about {topic}, each with a long explanation.",
            5 + i % 6
        )
    },
    |topic, i| {
        let who = [
            "a lighthouse keeper",
            "two sisters",
            "a tired robot",
            "an old teacher",
            "a young sailor",
        ][i % 5];
        format!("Write a long story about {who} and {topic}. It should have a surprising end.")
    },
    |topic, i| {
        let language = ["French", "German", "Spanish", "Italian"][i % 4];
        format!(
            "Translate into {language}, then explain each word of it in detail: \"Yesterday we talked for hours about \
             {topic}, and nobody wanted to go home before the rain stopped.\""
        )
    },
    |topic, i| {
        let (a, b, c) = (17 + i * 7 % 83, 3 + i % 9, 11 + i * 13 % 57);
        format!(
            "A club about {topic} has {a} members. Each pays {b} coins a month, and every month {c} coins are spent. \
             How much is left after each month of a year? Show every step and explain it."
        )
    },
    |topic, i| {
        let reader = [
            "a sceptical friend",
            "the local newspaper",
            "a new colleague",
            "the city council",
        ][i % 4];
        format!(
            "Here are some notes. 1) Interest in {topic} has grown over the last years. 2) Good teachers are rare and \
             courses are full. 3) A small room near the station could be rented from spring on. 4) Neighbours worry \
             about noise and parked cars. 5) Two volunteers offered to look after the money. 6) The first meeting had \
             thirty visitors, half of them under twenty. 7) Some asked for evening hours. Write a long, \
             friendly letter to {reader} about {topic}: go through every note, say what it means and propose what to do."
        )
    },
];

/// Even ones are for fitting, odd ones for reporting.
const TOPICS: [&str; 80] = [
    "the water cycle",
    "volcanoes",
    "sourdough bread",
    "chess openings",
    "solar panels",
    "the Roman roads",
    "bicycle repair",
    "honey bees",
    "black holes",
    "the printing press",
    "urban gardens",
    "public libraries",
    "coral reefs",
    "sailing boats",
    "the human heart",
    "jazz music",
    "prime numbers",
    "glaciers",
    "railway signals",
    "origami",
    "tea ceremonies",
    "vaccines",
    "the night sky",
    "wooden furniture",
    "earthquakes",
    "street photography",
    "compost",
    "ancient Egypt",
    "sleep",
    "electric cars",
    "mountain rescue",
    "cheese making",
    "sign language",
    "weather forecasts",
    "marathon training",
    "antibiotics",
    "the Silk Road",
    "knitting",
    "wind turbines",
    "robot vacuum cleaners",
    "first aid",
    "the deep sea",
    "family budgets",
    "fermented vegetables",
    "bird migration",
    "the French Revolution",
    "secure passwords",
    "puppet theatre",
    "soil health",
    "space telescopes",
    "board games",
    "medieval castles",
    "paper recycling",
    "the violin",
    "desert animals",
    "satellite navigation",
    "watercolour painting",
    "traffic lights",
    "mushrooms",
    "the Olympic Games",
    "emergency radio",
    "school lunches",
    "tide pools",
    "language learning",
    "pottery",
    "the immune system",
    "night trains",
    "community theatre",
    "rivers and dams",
    "magnets",
    "crossword puzzles",
    "wildfires",
    "beekeeping laws",
    "the metric system",
    "road cycling",
    "handwriting",
    "fair trade coffee",
    "rain barrels",
    "folk dances",
    "ocean plastics",
];

/// Prompt `index` of `set`; `None` from [`COUNT`] on. Neighbours are of different kinds.
pub fn prompt(set: Set, index: usize) -> Option<String> {
    let (kind, topic) = (index % KINDS.len(), index / KINDS.len());
    let offset = usize::from(set == Set::Test);
    let topic = TOPICS.get(2 * topic + offset)?;
    // The variation inside a kind must differ between the sets too.
    Some(KINDS[kind](topic, 2 * (index / KINDS.len()) + offset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn prompts_should_all_differ_when_both_sets_are_taken_together() {
        let all: BTreeSet<String> = [Set::Fit, Set::Test]
            .into_iter()
            .flat_map(|set| (0..COUNT).filter_map(move |index| prompt(set, index)))
            .collect();
        assert_eq!(all.len(), 2 * COUNT);
        const { assert!(COUNT >= 300) };
        assert_eq!(prompt(Set::Test, COUNT), None);
    }

    #[test]
    fn topics_should_be_in_one_set_only() {
        let of = |set| -> Vec<String> { (0..COUNT).filter_map(|index| prompt(set, index)).collect() };
        for (index, topic) in TOPICS.iter().enumerate() {
            let other = of(if index % 2 == 0 { Set::Test } else { Set::Fit });
            let named = format!("about {topic}? Answer");
            assert!(!other.iter().any(|text| text.contains(&named)), "{topic}");
        }
    }
}
