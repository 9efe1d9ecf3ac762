//! Merkle trees whose leaves and nodes carry different tags, so that neither can pass for the other.
//!
//! Nodes are paired from the left; an odd last one moves up unchanged. The number of leaves is not in the root:
//! a verifier learns it from elsewhere (a commitment's header leaf) and passes it to [`verify`].

use crate::hash::tagged_hash;
use alloc::vec::Vec;
use sp_core::H256;

/// Most levels above the leaves; bounds what [`verify`] does for an extrinsic.
pub const MAX_LEVELS: u32 = 20;

/// Most leaves of a tree.
pub const MAX_LEAVES: u32 = 1 << MAX_LEVELS;

/// H("ogpu/empty/v1", []): the root of nothing, and the place of evidence that does not exist yet.
pub fn empty() -> H256 {
    tagged_hash(b"ogpu/empty/v1", &[])
}

/// The hash by which a leaf enters the tree.
fn leaf_node(leaf: &H256) -> H256 {
    tagged_hash(b"ogpu/leaf/v1", leaf.as_bytes())
}

fn parent(left: &H256, right: &H256) -> H256 {
    let mut children = [0; 64];
    children[..32].copy_from_slice(left.as_bytes());
    children[32..].copy_from_slice(right.as_bytes());
    tagged_hash(b"ogpu/node/v1", &children)
}

fn level_up(level: &[H256]) -> Vec<H256> {
    let pair = |nodes: &[H256]| match nodes {
        [left, right] => parent(left, right),
        [odd, ..] => *odd,
        // `chunks` yields no empty slice.
        [] => H256::zero(),
    };
    level.chunks(2).map(pair).collect()
}

/// The root over `leaves` in their order; [`empty`] when there are none.
pub fn root(leaves: &[H256]) -> H256 {
    let mut level: Vec<H256> = leaves.iter().map(leaf_node).collect();
    while level.len() > 1 {
        level = level_up(&level);
    }
    level.first().copied().unwrap_or_else(empty)
}

/// The siblings of leaf `index` from the bottom up. `None` when there is no such leaf or there are more than
/// [`MAX_LEAVES`].
pub fn proof(leaves: &[H256], index: u32) -> Option<Vec<H256>> {
    let mut position = index as usize;
    if position >= leaves.len() || leaves.len() > MAX_LEAVES as usize {
        return None;
    }
    let mut siblings = Vec::new();
    let mut level: Vec<H256> = leaves.iter().map(leaf_node).collect();
    while level.len() > 1 {
        siblings.extend(level.get(position ^ 1));
        level = level_up(&level);
        position /= 2;
    }
    Some(siblings)
}

/// How many siblings the proof of leaf `index` of `leaves` has; `None` when there is no such leaf or there are
/// more than [`MAX_LEAVES`].
pub fn proof_len(index: u32, leaves: u32) -> Option<usize> {
    if index >= leaves || leaves > MAX_LEAVES {
        return None;
    }
    let (mut position, mut width, mut siblings) = (index, leaves, 0);
    while width > 1 {
        siblings += usize::from(position ^ 1 < width);
        position /= 2;
        width = width.div_ceil(2);
    }
    Some(siblings)
}

/// Whether `leaf` is leaf `index` of the `leaves` under `root`. Costs at most [`MAX_LEVELS`] hashes.
pub fn verify(root: &H256, leaf: &H256, index: u32, leaves: u32, proof: &[H256]) -> bool {
    if index >= leaves || leaves > MAX_LEAVES {
        return false;
    }
    let (mut node, mut position, mut width) = (leaf_node(leaf), index, leaves);
    let mut siblings = proof.iter();
    while width > 1 {
        if position ^ 1 < width {
            let Some(sibling) = siblings.next() else {
                return false;
            };
            node = if position % 2 == 0 {
                parent(&node, sibling)
            } else {
                parent(sibling, &node)
            };
        }
        position /= 2;
        width = width.div_ceil(2);
    }
    siblings.next().is_none() && node == *root
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leaves(count: u32) -> Vec<H256> {
        (0..count)
            .map(|index| tagged_hash(b"test", &index.to_le_bytes()))
            .collect()
    }

    #[test]
    fn root_should_be_the_tagged_empty_hash_when_there_are_no_leaves() {
        assert_eq!(root(&[]), tagged_hash(b"ogpu/empty/v1", &[]));
    }

    #[test]
    fn root_should_move_an_odd_node_up_when_it_has_no_sibling() {
        let three = leaves(3);
        let expected = parent(
            &parent(&leaf_node(&three[0]), &leaf_node(&three[1])),
            &leaf_node(&three[2]),
        );
        assert_eq!(root(&three), expected);
    }

    #[test]
    fn verify_should_refuse_when_an_inner_node_is_passed_for_a_leaf() {
        let four = leaves(4);
        let inner = parent(&leaf_node(&four[0]), &leaf_node(&four[1]));
        let sibling = parent(&leaf_node(&four[2]), &leaf_node(&four[3]));
        assert!(!verify(&root(&four), &inner, 0, 2, &[sibling]));
    }

    #[test]
    fn verify_should_refuse_when_the_tree_is_larger_than_the_bound() {
        let two = leaves(2);
        let path = proof(&two, 0).unwrap();
        assert!(!verify(&root(&two), &two[0], 0, MAX_LEAVES + 1, &path));
        assert_eq!(proof(&two, 2), None);
        assert_eq!(proof_len(2, 2), None);
        assert_eq!(proof_len(0, MAX_LEAVES + 1), None);
    }

    proptest! {
        #[test]
        fn verify_should_accept_only_the_right_leaf_at_its_index(count in 1u32..70, pick in any::<u32>(), other in any::<u32>()) {
            let all = leaves(count);
            let (index, other) = (pick % count, other % count);
            let path = proof(&all, index).unwrap();
            let root = root(&all);
            prop_assert!(path.len() <= MAX_LEVELS as usize);
            prop_assert_eq!(proof_len(index, count), Some(path.len()));
            prop_assert!(verify(&root, &all[index as usize], index, count, &path));
            if other != index {
                prop_assert!(!verify(&root, &all[other as usize], index, count, &path));
                prop_assert!(!verify(&root, &all[index as usize], other, count, &path));
            }
        }

        #[test]
        fn verify_should_refuse_when_the_proof_is_changed(count in 2u32..70, pick in any::<u32>(), at in any::<usize>()) {
            let all = leaves(count);
            let index = pick % count;
            let (root, leaf) = (root(&all), all[index as usize]);
            let path = proof(&all, index).unwrap();
            let mut wrong = path.clone();
            let at = at % wrong.len();
            wrong[at].0[0] ^= 1;
            prop_assert!(!verify(&root, &leaf, index, count, &wrong));
            let mut long = path.clone();
            long.push(H256::zero());
            prop_assert!(!verify(&root, &leaf, index, count, &long));
            prop_assert!(!verify(&root, &leaf, index, count, &path[..path.len() - 1]));
        }

        #[test]
        fn root_should_change_when_leaves_are_added_or_swapped(count in 1u32..40, at in any::<usize>()) {
            let all = leaves(count);
            prop_assert_ne!(root(&all), root(&leaves(count + 1)));
            let at = at % all.len();
            if at > 0 {
                let mut swapped = all.clone();
                swapped.swap(0, at);
                prop_assert_ne!(root(&all), root(&swapped));
            }
        }
    }
}
